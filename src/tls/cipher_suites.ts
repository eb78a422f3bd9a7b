/** The cipher suites of every version, and selecting them by name. */

import type { TlsOperations } from "../crypto/operations.ts";
import { type Tls13Suite, type Tls13SuiteName, tls13Suites } from "./tls13/cipher_suites.ts";
import { type Tls12Suite, type Tls12SuiteName, tls12Suites } from "./tls12/cipher_suites.ts";

/** The IANA name of a cipher suite that this library knows. */
export type CipherSuiteName = Tls13SuiteName | Tls12SuiteName;

/** A cipher suite. */
export type CipherSuite = Tls13Suite | Tls12Suite;

/** The default suites, the most preferred first: all suites with forward secrecy. */
export const DEFAULT_SUITES: readonly CipherSuiteName[] = [
  "TLS_AES_256_GCM_SHA384",
  "TLS_AES_128_GCM_SHA256",
  "TLS_CHACHA20_POLY1305_SHA256",
  "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
  "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
];

/**
 * Returns the suites with these names, in the same order. They use the given cryptographic operations.
 *
 * @throws {TypeError} If a name is unknown, or the list is empty.
 */
export function suitesByName(
  names: readonly CipherSuiteName[],
  operations: TlsOperations,
): readonly CipherSuite[] {
  if (names.length === 0) throw new TypeError("suites is empty");
  const known: readonly CipherSuite[] = [...tls13Suites(operations), ...tls12Suites(operations)];
  return names.map((name) => {
    const suite = known.find((suite) => suite.name === name);
    if (suite === undefined) throw new TypeError(`unknown cipher suite "${name}"`);
    return suite;
  });
}

/** TLS_EMPTY_RENEGOTIATION_INFO_SCSV (RFC 5746 section 3.3). */
export const RENEGOTIATION_SCSV = 0x00ff;
/** TLS_FALLBACK_SCSV (RFC 7507). */
export const FALLBACK_SCSV = 0x5600;
