/** Private keys of every type: generates them, checks them, and returns their public keys. */

import { checkEd25519PrivateKey, generateEd25519Key } from "../../crypto/ec/ed25519.ts";
import {
  checkEcPrivateKey,
  type EcPrivateKey,
  type Ed25519PrivateKey,
  generateEcKey,
} from "../../crypto/ec/keys.ts";
import {
  checkPrivateKey as checkRsaPrivateKey,
  generateKeyPair,
  type KeyBounds,
  type KeyGenerationOptions,
  type RsaPrivateKey,
  type RsaPrivateNumbers,
} from "../../crypto/rsa/mod.ts";
import type { PssParameters, PublicKey } from "./public_key.ts";

/** An RSA private key for PSS signatures only (RFC 4055 section 1.2). */
export interface RsaPssPrivateKey extends RsaPrivateNumbers {
  /** Tells the kinds of key apart. */
  readonly type: "rsa-pss";
  /** The parameters that signatures must use; undefined if the key does not restrict them. */
  readonly parameters: PssParameters | undefined;
}

/** A private key. It includes the fields of its public key. */
export type PrivateKey = RsaPrivateKey | RsaPssPrivateKey | EcPrivateKey | Ed25519PrivateKey;

/** The types of key that {@link generateKey} makes: RSA, ECDSA on P-256, P-384 or P-521, or Ed25519. */
export type KeyType = "rsa" | "p256" | "p384" | "p521" | "ed25519";

/**
 * Makes a private key.
 *
 * @param options For RSA, see `generateKeyPair` of `./rsa`; for the other types, only `random` is used.
 * @throws {TypeError} If `type` is not a known type.
 * @throws {RangeError} If `bits` is not a multiple of 16.
 * @throws {ChannelError} `"aborted"` if the signal fires, `"unsupported"` if `bits` is out of bounds.
 *
 * @example
 * ```ts
 * import { exportPublicKeyPem, generateKey } from "@fesa/channel/x509";
 *
 * const key = await generateKey("p256");
 * console.log(exportPublicKeyPem(key));
 * ```
 */
export function generateKey(type: "rsa", options?: KeyGenerationOptions): Promise<RsaPrivateKey>;
/** Makes a private key for ECDSA. */
export function generateKey(
  type: "p256" | "p384" | "p521",
  options?: KeyGenerationOptions,
): Promise<EcPrivateKey>;
/** Makes a private key for Ed25519. */
export function generateKey(type: "ed25519", options?: KeyGenerationOptions): Promise<Ed25519PrivateKey>;
/** Makes a private key of the given type. */
export function generateKey(type: KeyType, options?: KeyGenerationOptions): Promise<PrivateKey>;
export async function generateKey(type: KeyType, options: KeyGenerationOptions = {}): Promise<PrivateKey> {
  switch (type) {
    case "rsa":
      return (await generateKeyPair(options)).privateKey;
    case "p256":
      return generateEcKey("P-256", options.random);
    case "p384":
      return generateEcKey("P-384", options.random);
    case "p521":
      return generateEcKey("P-521", options.random);
    case "ed25519":
      return generateEd25519Key(options.random);
    default:
      throw new TypeError(`unknown key type: ${type}`);
  }
}

/**
 * Returns the public key of a private key, without the secret parts.
 *
 * @throws {TypeError} If `key` is not an object of this library.
 *
 * @example
 * ```ts
 * import { generateKey, publicKeyOf } from "@fesa/channel/x509";
 *
 * const key = await generateKey("ed25519");
 * if ("d" in publicKeyOf(key)) throw new Error("the secret part is in it");
 * ```
 */
export function publicKeyOf(key: PublicKey | PrivateKey): PublicKey {
  switch (key.type) {
    case "rsa":
      return { type: "rsa", n: key.n, e: key.e };
    case "rsa-pss":
      return { type: "rsa-pss", n: key.n, e: key.e, parameters: key.parameters };
    case "ec":
      return { type: "ec", curve: key.curve, point: key.point };
    case "ed25519":
      return { type: "ed25519", key: key.key };
    default:
      throw new TypeError("key is not a key of this library: parsePrivateKey and importCryptoKey return one");
  }
}

/**
 * Refuses a private key whose parts do not belong together, and an RSA key below 2048 bits unless `bounds` allows it.
 *
 * @throws {ChannelError} `"malformed"` or `"unsupported"`.
 */
export function checkPrivateKey(key: PrivateKey, bounds: KeyBounds = {}): void {
  switch (key.type) {
    case "rsa":
    case "rsa-pss":
      return checkRsaPrivateKey(key, bounds);
    case "ec":
      return checkEcPrivateKey(key);
    case "ed25519":
      return checkEd25519PrivateKey(key);
  }
}
