/** Cipher suites for tests of one version or key exchange. */
import type { CipherSuiteName } from "../../src/tls/cipher_suites.ts";

/** The suites of AES-256 with RSA key exchange. */
export const RSA_SUITES: readonly CipherSuiteName[] = [
  "TLS_RSA_WITH_AES_256_GCM_SHA384",
  "TLS_RSA_WITH_AES_256_CBC_SHA256",
  "TLS_RSA_WITH_AES_256_CBC_SHA",
];
