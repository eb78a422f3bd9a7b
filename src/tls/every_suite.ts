/** Every cipher suite, 3DES too, which a client loads only where it is named. */

import { TripleDes } from "../crypto/des.ts";
import { sha1 } from "../crypto/hash.ts";
import { AES_SUITES, type BlockCipher, cbcSuite, type CipherSuite } from "./cipher_suites.ts";

const TRIPLE_DES: BlockCipher = {
  keyLength: 24,
  blockLength: 8,
  keyLimit: 8 * 2 ** 20, // 2^20 blocks: SP 800-67 revision 2, section 3.3
  create: (key) => new TripleDes(key),
};

/** The AES suites, and behind them 3DES (RFC 5246 appendix A.5). */
export const EVERY_SUITE: readonly CipherSuite[] = [
  ...AES_SUITES,
  cbcSuite(0x000a, "TLS_RSA_WITH_3DES_EDE_CBC_SHA", TRIPLE_DES, sha1),
];
