/** What the options of `certificate` and `key` ask of TLS: cipher suites and application protocols. */

import type { CipherSuiteName } from "../../../tls/cipher_suites.ts";
import type { Algorithm, OpenStandardOptions } from "./options.ts";

/** The cipher suites of each algorithm, the best first. */
const SUITES: Readonly<Record<Algorithm, readonly CipherSuiteName[]>> = {
  "AES": [
    "TLS_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_RSA_WITH_AES_256_CBC_SHA256",
    "TLS_RSA_WITH_AES_256_CBC_SHA",
  ],
  "3DES": ["TLS_RSA_WITH_3DES_EDE_CBC_SHA"],
};

/** The cipher suites that an option's value stands for. */
export function suitesOf(algorithm: Algorithm = "AES"): readonly CipherSuiteName[] {
  if (!Object.hasOwn(SUITES, algorithm)) {
    throw new TypeError("algorithm is AES or 3DES; a client may also say either");
  }
  return SUITES[algorithm];
}

/** The application protocols (RFC 7301). */
const MESSAGES = "fesa/1";
/** Messages that may be compressed each on its own. */
export const COMPRESSIBLE_MESSAGES = "fesa/1z";

/** The application protocols to offer, the best first. */
export function applicationProtocols({ compression = "off" }: OpenStandardOptions): string[] {
  if (!["off", "message"].includes(compression)) {
    throw new TypeError("compression is off or message in this setting");
  }
  return compression === "message" ? [COMPRESSIBLE_MESSAGES, MESSAGES] : [MESSAGES];
}
