/** RSASSA-PSS (RFC 8017 section 8.1). */

import { concat, equalBytes } from "../../bytes.ts";
import { bitLength } from "../../bigint.ts";
import { type Hash, hashByName, type HashName } from "../hash.ts";
import { type RandomBytes, randomBytes } from "../random.ts";
import type { RsaNumbers, RsaPrivateNumbers } from "./key.ts";
import { applyMask } from "./mgf1.ts";
import { PURE_RSA, type RsaPrimitives } from "./raw.ts";

/** The parameters of PSS, on which both sides must agree. */
export interface PssOptions {
  /** The hash function: SHA-256 by default. */
  readonly hash?: HashName;
  /** The hash function inside MGF1: the same as `hash` by default. */
  readonly mgfHash?: HashName;
  /** The length of the salt in bytes; by default the length of the hash value. */
  readonly saltLength?: number;
  /** The primitives that compute the powers; this library's own code by default. */
  readonly primitives?: RsaPrimitives;
}

/**
 * Signs a message (RFC 8017 section 8.1.1).
 *
 * @throws {RangeError} If the salt is too long for the key and the hash.
 * @throws {ChannelError} `"crypto"` if the parts of the key do not belong together.
 *
 * @example
 * ```ts
 * import { generateKeyPair, signPss, verifyPss } from "@fesa/channel/rsa";
 *
 * const { publicKey, privateKey } = await generateKeyPair();
 * const message = new TextEncoder().encode("hello");
 * const signature = signPss(privateKey, message, { hash: "SHA-384" });
 * if (!verifyPss(publicKey, message, signature, { hash: "SHA-384" })) throw new Error();
 * ```
 */
export function signPss(
  key: RsaPrivateNumbers,
  message: Uint8Array,
  options: PssOptions & { readonly random?: RandomBytes } = {},
): Uint8Array {
  const { hash, mgfHash, saltLength } = parameters(options);
  const { random = randomBytes, primitives = PURE_RSA } = options;
  const shape = blockShape(key, hash, saltLength);
  if (shape === null) throw new RangeError("the key is too short for the hash and the salt");
  const salt = random(saltLength);
  const digest = saltedDigest(hash, message, salt);
  const data = concat(new Uint8Array(shape.padding), Uint8Array.of(1), salt);
  applyMask(mgfHash, digest, data);
  data[0] &= shape.firstByteMask;
  const block = concat(new Uint8Array(shape.leading), data, digest, Uint8Array.of(TRAILER));
  return primitives.privateOperation(key, block, random)!;
}

/**
 * Returns whether a signature is valid for this message (RFC 8017 section 8.1.2), with a salt of exactly `saltLength` bytes.
 *
 * @throws {ChannelError} If the key is not within the bounds of {@link checkPublicKey}.
 *
 * @example
 * ```ts
 * import { generateKeyPair, verifyPss } from "@fesa/channel/rsa";
 *
 * const { publicKey } = await generateKeyPair();
 * if (verifyPss(publicKey, new Uint8Array(3), new Uint8Array(256))) throw new Error();
 * ```
 */
export function verifyPss(
  key: RsaNumbers,
  message: Uint8Array,
  signature: Uint8Array,
  options: PssOptions = {},
): boolean {
  const { hash, mgfHash, saltLength } = parameters(options);
  const block = (options.primitives ?? PURE_RSA).publicOperation(key, signature);
  const shape = blockShape(key, hash, saltLength);
  if (block === null || shape === null) return false;
  const digestStart = block.length - hash.outputLen - 1;
  const data = block.slice(shape.leading, digestStart);
  const digest = block.subarray(digestStart, -1);
  const outside = data[0] & ~shape.firstByteMask;
  applyMask(mgfHash, digest, data);
  data[0] &= shape.firstByteMask;
  const salt = data.subarray(shape.padding + 1);
  const expected = concat(
    new Uint8Array(shape.leading + shape.padding),
    Uint8Array.of(1),
    salt,
    saltedDigest(hash, message, salt),
    Uint8Array.of(TRAILER),
  );
  block.set(data, shape.leading);
  return outside === 0 && equalBytes(block, expected);
}

const TRAILER = 0xbc;

interface Parameters {
  readonly hash: Hash;
  readonly mgfHash: Hash;
  readonly saltLength: number;
}

function parameters(options: PssOptions): Parameters {
  const { hash: hashName = "SHA-256", mgfHash = hashName } = options;
  const hash = hashByName(hashName);
  const { saltLength = hash.outputLen } = options;
  if (!Number.isInteger(saltLength) || saltLength < 0) {
    throw new RangeError("saltLength must be 0 or a positive integer");
  }
  return { hash, mgfHash: hashByName(mgfHash), saltLength };
}

/** The layout of an EMSA-PSS encoded message (RFC 8017 section 9.1) in a block as long as the modulus. */
interface BlockShape {
  /** Zero bytes before the encoded message: 1 if the bit length of the modulus is 8k + 1, else 0. */
  readonly leading: number;
  /** Zero bytes before the 01 that precedes the salt. */
  readonly padding: number;
  /** A mask of the bits that the encoded message uses in its first byte. */
  readonly firstByteMask: number;
}

/** Returns the block's shape, or null if the modulus is too short. */
function blockShape(key: RsaNumbers, hash: Hash, saltLength: number): BlockShape | null {
  const modulusBits = bitLength(key.n);
  const bits = modulusBits - 1;
  const length = Math.ceil(bits / 8);
  const padding = length - hash.outputLen - saltLength - 2;
  if (padding < 0) return null;
  return {
    leading: Math.ceil(modulusBits / 8) - length,
    padding,
    firstByteMask: 0xff >> length * 8 - bits,
  };
}

/** Returns `H` of RFC 8017 section 9.1.1 steps 5 and 6. */
function saltedDigest(hash: Hash, message: Uint8Array, salt: Uint8Array): Uint8Array {
  return hash.create().update(new Uint8Array(8)).update(hash(message)).update(salt).digest();
}
