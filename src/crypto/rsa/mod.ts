/**
 * RSA by RFC 8017 over `bigint`: key generation, OAEP, PKCS#1 v1.5 and PSS, for moduli of 1024 to 8192 bits.
 *
 * @example
 * ```ts
 * import { generateKeyPair, signPss, verifyPss } from "@fesa/channel/rsa";
 *
 * const { publicKey, privateKey } = await generateKeyPair({ bits: 2048 });
 * const message = new TextEncoder().encode("hello");
 * const signature = signPss(privateKey, message);
 * if (!verifyPss(publicKey, message, signature)) throw new Error();
 * ```
 *
 * @module
 */

export { ChannelError, type ChannelErrorOptions, type ErrorCode } from "../../errors.ts";
export type { HashName } from "../hash.ts";
export type { RandomBytes } from "../random.ts";
export {
  checkPrivateKey,
  checkPublicKey,
  type KeyBounds,
  modulusLength,
  type RsaKeyPair,
  type RsaNumbers,
  type RsaPrivateKey,
  type RsaPrivateNumbers,
  type RsaPublicKey,
} from "./key.ts";
export { generateKeyPair, type KeyGenerationOptions, type KeyGenerationProgress } from "./keygen.ts";
export { decryptOaep, encryptOaep, type OaepOptions } from "./oaep.ts";
export { decryptPkcs1, decryptPremasterSecret, encryptPkcs1, signPkcs1, verifyPkcs1 } from "./pkcs1.ts";
export { type PssOptions, signPss, verifyPss } from "./pss.ts";
export type { RsaPrimitives } from "./raw.ts";
