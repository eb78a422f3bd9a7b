/**
 * Three-key triple DES (EDE) in CBC mode (FIPS 46-3, SP 800-67 and SP 800-38A), for peers that support nothing newer. Its
 * 64-bit blocks make it unfit for much data under one key. It uses table look-ups, so its time depends on the key and the
 * data.
 *
 * @example
 * ```ts
 * import { TripleDes } from "@fesa/channel/des";
 *
 * const cipher = new TripleDes(crypto.getRandomValues(new Uint8Array(24)));
 * const iv = crypto.getRandomValues(new Uint8Array(8));
 * const record = new Uint8Array(64); // of whole blocks
 * cipher.encryptCbc(iv, record, record); // in place
 * ```
 *
 * @module
 */

export { TripleDes, type TripleDesCbc, tripleDesCbc, type TripleDesOptions } from "./triple_des.ts";
