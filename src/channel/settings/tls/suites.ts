/** The cipher suites and application protocols for the options of `certificate` and `key`. */

import type { CipherSuiteName } from "../../../tls/cipher_suites.ts";
import type { Algorithm, KeyExchangeChoice, TlsSettingOptions } from "./options.ts";

/** The cipher suites of one algorithm, for each key exchange, the most preferred first. */
interface Suites {
  readonly ECDHE: readonly CipherSuiteName[];
  readonly RSA: readonly CipherSuiteName[];
}

const SUITES: Readonly<Record<Algorithm, Suites>> = {
  "AES": {
    ECDHE: [
      "TLS_AES_256_GCM_SHA384",
      "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
      "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    ],
    RSA: [
      "TLS_RSA_WITH_AES_256_GCM_SHA384",
      "TLS_RSA_WITH_AES_256_CBC_SHA256",
      "TLS_RSA_WITH_AES_256_CBC_SHA",
    ],
  },
  "ChaCha20": {
    ECDHE: [
      "TLS_CHACHA20_POLY1305_SHA256",
      "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
      "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    ],
    RSA: [],
  },
  "3DES": { ECDHE: [], RSA: ["TLS_RSA_WITH_3DES_EDE_CBC_SHA"] },
};

const KEY_EXCHANGES: Readonly<Record<KeyExchangeChoice, readonly (keyof Suites)[]>> = {
  ECDHE: ["ECDHE"],
  RSA: ["RSA"],
  either: ["ECDHE", "RSA"],
};

/**
 * Returns the cipher suites for these algorithms. Suites with forward secrecy come first; otherwise the order is that of the
 * algorithms.
 *
 * @throws {TypeError} If an option has an unknown value, or an algorithm cannot be used with the key exchange.
 */
export function suitesOf(
  algorithms: readonly Algorithm[],
  keyExchange: KeyExchangeChoice = "ECDHE",
): readonly CipherSuiteName[] {
  if (!Object.hasOwn(KEY_EXCHANGES, keyExchange)) {
    throw new TypeError("keyExchange must be ECDHE, RSA or either");
  }
  if (algorithms.length === 0) throw new TypeError("algorithm is an empty list");
  const exchanges = KEY_EXCHANGES[keyExchange];
  for (const algorithm of algorithms) {
    if (!Object.hasOwn(SUITES, algorithm)) {
      throw new TypeError(
        "algorithm must be AES, ChaCha20 or 3DES; a client may also set either, and a server a list",
      );
    }
    if (exchanges.every((exchange) => SUITES[algorithm][exchange].length === 0)) {
      const needed = algorithm === "3DES" ? "RSA" : "ECDHE";
      throw new TypeError(`algorithm ${algorithm} needs keyExchange: "${needed}" or "either"`);
    }
  }
  return exchanges.flatMap((exchange) => algorithms.flatMap((algorithm) => SUITES[algorithm][exchange]));
}

/** Returns the algorithms for a client's `"either"`, the most preferred first. */
export function everyAlgorithm(keyExchange: KeyExchangeChoice | undefined): readonly Algorithm[] {
  switch (keyExchange) {
    case "RSA":
      return ["AES", "3DES"];
    case "either":
      return ["AES", "ChaCha20", "3DES"];
    default:
      return ["AES", "ChaCha20"];
  }
}

/** The application protocols (RFC 7301). */
const MESSAGES = "fesa/1";
/** The application protocol of messages that may be compressed. */
export const COMPRESSIBLE_MESSAGES = "fesa/1z";

/** Returns the application protocols to offer, the most preferred first. */
export function applicationProtocols({ compression = "off", ordinaryPeers }: TlsSettingOptions): string[] {
  if (!["off", "message"].includes(compression)) {
    throw new TypeError("compression must be off or message in this setting");
  }
  const messages = compression === "message" ? [COMPRESSIBLE_MESSAGES, MESSAGES] : [MESSAGES];
  return [...messages, ...(typeof ordinaryPeers === "object" ? ordinaryPeers : [])];
}

/** Returns whether the negotiated application protocol is one of this library's. If not, the peer is an ordinary one. */
export function hasMessages(alpnProtocol: string | undefined): boolean {
  return alpnProtocol === MESSAGES || alpnProtocol === COMPRESSIBLE_MESSAGES;
}
