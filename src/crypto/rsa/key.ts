/** RSA keys (RFC 8017 section 3), and the bounds on their sizes. */

import { bitLength } from "../../bigint.ts";
import { ChannelError } from "../../errors.ts";

/** The numbers of an RSA public key (RFC 8017 section 3.1). */
export interface RsaNumbers {
  /** The modulus. */
  readonly n: bigint;
  /** The public exponent. */
  readonly e: bigint;
}

/**
 * The numbers of an RSA private key of two primes, with the values that the Chinese remainder theorem needs (RFC 8017
 * section 3.2).
 */
export interface RsaPrivateNumbers extends RsaNumbers {
  /** The private exponent. */
  readonly d: bigint;
  /** The first prime. */
  readonly p: bigint;
  /** The second prime. */
  readonly q: bigint;
  /** `d` modulo `p - 1`. */
  readonly dp: bigint;
  /** `d` modulo `q - 1`. */
  readonly dq: bigint;
  /** The inverse of `q` modulo `p`. */
  readonly qi: bigint;
}

/** An RSA public key for every use: PKCS#1 v1.5 encryption and signatures, and PSS. */
export interface RsaPublicKey extends RsaNumbers {
  /** Tells the kinds of key apart. */
  readonly type: "rsa";
}

/** An RSA private key for every use: PKCS#1 v1.5 decryption and signatures, and PSS. */
export interface RsaPrivateKey extends RsaPrivateNumbers {
  /** Tells the kinds of key apart. */
  readonly type: "rsa";
}

/** A private key and its public key. */
export interface RsaKeyPair {
  /** The public key. */
  readonly publicKey: RsaPublicKey;
  /** The private key. */
  readonly privateKey: RsaPrivateKey;
}

/** The accepted sizes of RSA keys. */
export interface KeyBounds {
  /** Also accepts moduli of 1024 to 2047 bits, which a well-funded attacker can factor; false by default. */
  readonly allowWeak?: boolean;
}

/** The shortest modulus that is not weak, in bits (NIST SP 800-131A). */
const STRONG_BITS = 2048;
const WEAK_BITS = 1024;

/** The longest modulus, in bits. The limit bounds the work that a peer can cause. */
const MAX_BITS = 8192;

/**
 * The longest public exponent, in bits. This also bounds the work: a verification squares once for each bit. Nearly every
 * key has the exponent 65537, and BoringSSL has the same limit.
 */
const MAX_EXPONENT_BITS = 33;

/**
 * Returns the length of the modulus in bytes (`k` in RFC 8017). Every ciphertext and signature under the key has this
 * length.
 *
 * @example
 * ```ts
 * import { modulusLength } from "@fesa/channel/rsa";
 *
 * if (modulusLength({ n: 2n ** 2048n - 1n, e: 65537n }) !== 256) throw new Error();
 * ```
 */
export function modulusLength(key: RsaNumbers): number {
  return Math.ceil(bitLength(key.n) / 8);
}

/**
 * Refuses a public key that is out of bounds. The modulus must have 2048 to 8192 bits (1024 to 8192 with `allowWeak`), and
 * the exponent at most 33 bits; both must be odd.
 *
 * @throws {ChannelError} `"unsupported"` if a size is out of bounds, `"malformed"` if the numbers cannot be an RSA key.
 *
 * @example
 * ```ts
 * import { checkPublicKey, generateKeyPair } from "@fesa/channel/rsa";
 *
 * const { publicKey } = await generateKeyPair({ bits: 1024, allowWeak: true });
 * checkPublicKey(publicKey, { allowWeak: true });
 * ```
 */
export function checkPublicKey(key: RsaNumbers, bounds: KeyBounds = {}): void {
  checkModulusBits(key.n >> BigInt(MAX_BITS) > 0n ? Infinity : bitLength(key.n), bounds);
  if (key.e >> BigInt(MAX_EXPONENT_BITS) > 0n) {
    throw new ChannelError("unsupported", `an RSA exponent has more than ${MAX_EXPONENT_BITS} bits`);
  }
  if (key.n % 2n === 0n || key.e % 2n !== 1n || key.e < 3n || key.e >= key.n) {
    throw new ChannelError("malformed", "this is not an RSA public key");
  }
}

/** Refuses a modulus of this many bits if that is out of bounds. */
export function checkModulusBits(bits: number, bounds: KeyBounds): void {
  if (bits > MAX_BITS) {
    throw new ChannelError("unsupported", `an RSA modulus has more than ${MAX_BITS} bits`);
  }
  if (bits < WEAK_BITS) {
    throw new ChannelError("unsupported", `an RSA modulus has ${bits} bits, less than ${WEAK_BITS}`);
  }
  if (bits < STRONG_BITS && bounds.allowWeak !== true) {
    throw new ChannelError(
      "unsupported",
      `an RSA modulus has ${bits} bits: less than ${STRONG_BITS} must be allowed explicitly`,
    );
  }
}

/**
 * Refuses a private key that is not within the bounds of {@link checkPublicKey}, or whose parts do not belong together.
 * It does not test whether `p` and `q` are prime.
 *
 * @throws {ChannelError} `"unsupported"` if a size is out of bounds, `"malformed"` if the parts do not belong together.
 *
 * @example
 * ```ts
 * import { checkPrivateKey, generateKeyPair } from "@fesa/channel/rsa";
 *
 * const { privateKey } = await generateKeyPair({ bits: 1024, allowWeak: true });
 * checkPrivateKey(privateKey, { allowWeak: true });
 * ```
 */
export function checkPrivateKey(key: RsaPrivateNumbers, bounds: KeyBounds = {}): void {
  checkPublicKey(key, bounds);
  const { n, e, d, p, q, dp, dq, qi } = key;
  const fits = p > 1n && q > 1n && p !== q && p * q === n &&
    d > 0n && d < n && dp > 0n && dp < p && dq > 0n && dq < q && qi > 0n && qi < p &&
    e * dp % (p - 1n) === 1n && e * dq % (q - 1n) === 1n && q * qi % p === 1n &&
    d % (p - 1n) === dp && d % (q - 1n) === dq;
  if (!fits) throw new ChannelError("malformed", "the parts of an RSA private key do not belong together");
}
