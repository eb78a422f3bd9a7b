/** The primitives of RFC 8017 section 5, on blocks of bytes as long as the modulus. */

import { bigIntToBytes, bytesToBigInt, modInverse } from "../../bigint.ts";
import { type RandomBytes, randomBytes } from "../random.ts";
import { ChannelError } from "../../errors.ts";
import { checkPublicKey, modulusLength, type RsaNumbers, type RsaPrivateNumbers } from "./key.ts";
import { publicPower, secretPower } from "./power.ts";

/** The primitives of one implementation, on blocks as long as the modulus. */
export interface RsaPrimitives {
  /** Computes RSAEP or RSAVP1. Returns null unless the block is as long as the modulus and below it. */
  publicOperation(key: RsaNumbers, block: Uint8Array): Uint8Array | null;
  /** Computes RSADP or RSASP1 with blinding. Returns null as `publicOperation` does. */
  privateOperation(key: RsaPrivateNumbers, block: Uint8Array, random?: RandomBytes): Uint8Array | null;
}

/** Computes RSAEP or RSAVP1. Returns null unless the block is as long as the modulus and below it. */
export function publicOperation(key: RsaNumbers, block: Uint8Array): Uint8Array | null {
  checkPublicKey(key, { allowWeak: true });
  const value = representative(key, block);
  if (value === null) return null;
  return bigIntToBytes(publicPower(value, key.e, key.n), block.length);
}

/**
 * Computes RSADP or RSASP1. Returns null unless the block is as long as the modulus and below it; an attacker may learn both
 * facts. The base is blinded, and the result is checked by the public operation before it is returned, because one faulty
 * result reveals the factors (Boneh, DeMillo and Lipton 1997).
 */
export function privateOperation(
  key: RsaPrivateNumbers,
  block: Uint8Array,
  random: RandomBytes = randomBytes,
): Uint8Array | null {
  checkPublicKey(key, { allowWeak: true });
  const value = representative(key, block);
  if (value === null) return null;
  const blinding = nextBlinding(key, random);
  const power = checkedPower(key, value * blinding.factor % key.n);
  return bigIntToBytes(power * blinding.inverse % key.n, block.length);
}

/** The reference implementation. */
export const PURE_RSA: RsaPrimitives = { publicOperation, privateOperation };

/** Returns whether a block is as long as the modulus and encodes a number below it. */
export function isRepresentative(key: RsaNumbers, block: Uint8Array): boolean {
  return representative(key, block) !== null;
}

/** Returns the number that a block encodes, or null if it is not a representative (RFC 8017 sections 7.1.1 to 8.2.2). */
function representative(key: RsaNumbers, block: Uint8Array): bigint | null {
  if (block.length !== modulusLength(key)) return null;
  const value = bytesToBigInt(block);
  return value < key.n ? value : null;
}

/**
 * Computes the power (RFC 8017 section 5.1.2 step 2.b) with a key whose numbers are within their bounds. Checks the result
 * modulo both factors, which is equivalent to a check modulo `n` and takes half the work.
 */
function checkedPower(key: RsaPrivateNumbers, base: bigint): bigint {
  const { n, e, p, q, dp, dq, qi } = key;
  const fits = p > 1n && q > 1n && p * q === n && dp > 0n && dp < p && dq > 0n && dq < q;
  if (!fits) throw wrongKey();
  const [baseP, baseQ] = [base % p, base % q];
  const m1 = secretPower(baseP, dp, p);
  const m2 = secretPower(baseQ, dq, q);
  const power = m2 + q * ((m1 + p - m2 % p) * qi % p);
  if (publicPower(power % p, e, p) === baseP && publicPower(power % q, e, q) === baseQ) return power;
  throw wrongKey();
}

function wrongKey(): ChannelError {
  return new ChannelError(
    "crypto",
    "an RSA private key does not work: its parts do not belong together",
  );
}

/** `factor` is `r` to the public exponent, `inverse` the inverse of `r`. */
interface Blinding {
  factor: bigint;
  inverse: bigint;
  usesLeft: number;
}

/** How many times a blinding factor is squared and used again, as Kocher 1996 proposes. A fresh one costs an inversion. */
const BLINDING_USES = 64;
const blindings = new WeakMap<RsaPrivateNumbers, Blinding>();

function nextBlinding(key: RsaPrivateNumbers, random: RandomBytes): Blinding {
  const kept = blindings.get(key);
  if (kept === undefined || kept.usesLeft === 0) {
    const fresh = freshBlinding(key, random);
    blindings.set(key, fresh);
    return fresh;
  }
  kept.factor = kept.factor * kept.factor % key.n;
  kept.inverse = kept.inverse * kept.inverse % key.n;
  kept.usesLeft--;
  return kept;
}

function freshBlinding(key: RsaPrivateNumbers, random: RandomBytes): Blinding {
  for (;;) {
    const r = bytesToBigInt(random(modulusLength(key) + 8)) % key.n;
    const inverse = modInverse(r, key.n);
    if (inverse === null) continue;
    return { factor: publicPower(r, key.e, key.n), inverse, usesLeft: BLINDING_USES };
  }
}
