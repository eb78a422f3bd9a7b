/**
 * ML-KEM-768, the key encapsulation mechanism that resists quantum computers (FIPS 203), in pure TypeScript: key generation,
 * encapsulation, and decapsulation with implicit rejection. Its functions, arguments and results are those of `ml_kem768` in
 * `@noble/post-quantum`. Seeds, keys and ciphertexts are encoded as FIPS 203 and WebCrypto (`raw-seed`, `raw-public`) encode
 * them.
 *
 * @example
 * ```ts
 * import { decapsulate, encapsulate, keygen } from "@fesa/channel/mlkem";
 *
 * const { publicKey, secretKey } = keygen(); // one side, which sends the public key
 * const { cipherText, sharedSecret } = encapsulate(publicKey); // the other side, which sends the ciphertext back
 * const same = decapsulate(cipherText, secretKey);
 * if (same.some((byte, i) => byte !== sharedSecret[i])) throw new Error();
 * ```
 *
 * @module
 */

export { ChannelError, type ChannelErrorOptions, type ErrorCode } from "../../errors.ts";
export {
  CIPHERTEXT_SIZE,
  decapsulate,
  encapsulate,
  type Encapsulated,
  keygen,
  type MlKemKeyPair,
  PUBLIC_KEY_SIZE,
  SECRET_KEY_SIZE,
  SEED_SIZE,
} from "./kem.ts";
