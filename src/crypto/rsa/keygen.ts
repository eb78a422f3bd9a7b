/** Key generation from random probable primes (FIPS 186-5 appendix A.1.3). */

import { bytesToBigInt, gcd, modInverse } from "../../bigint.ts";
import { type RandomBytes, randomBytes } from "../random.ts";
import { ChannelError } from "../../errors.ts";
import { checkModulusBits, type KeyBounds, type RsaKeyPair, type RsaPrivateKey } from "./key.ts";
import { hasSmallFactor, passesMillerRabin } from "./primes.ts";

/** The progress of a key generation. */
export interface KeyGenerationProgress {
  /** The primes found so far: 0, 1, or 2 when it is done. */
  readonly primes: number;
  /** The candidates tried so far, for both primes. */
  readonly candidates: number;
}

/** The options of {@link generateKeyPair}. */
export interface KeyGenerationOptions extends KeyBounds {
  /** The length of the modulus: 2048 by default; a multiple of 16 up to 8192, and below 2048 only with `allowWeak`. */
  readonly bits?: number;
  /** Ends the work with a {@link ChannelError} `aborted`. */
  readonly signal?: AbortSignal;
  /** Called from time to time with the progress. */
  readonly onProgress?: (progress: KeyGenerationProgress) => void;
  /** The random generator, for tests; the platform's by default. */
  readonly random?: RandomBytes;
}

/** The public exponent of every key made here. */
const EXPONENT = 65537n;

/** The time of work after which the event loop gets a turn, in milliseconds. */
const SLICE = 15;

/**
 * Makes a key pair with the public exponent 65537. The work is done in short slices, so the event loop is not blocked.
 *
 * @throws {RangeError} If `bits` is not a multiple of 16.
 * @throws {ChannelError} `"aborted"` if the signal fires, `"unsupported"` if `bits` is out of bounds.
 *
 * @example
 * ```ts
 * import { generateKeyPair } from "@fesa/channel/rsa";
 *
 * const { publicKey } = await generateKeyPair({ bits: 1024, allowWeak: true });
 * if (publicKey.n >> 1023n !== 1n) throw new Error();
 * ```
 */
export async function generateKeyPair(options: KeyGenerationOptions = {}): Promise<RsaKeyPair> {
  const { bits = 2048 } = options;
  if (!Number.isInteger(bits) || bits % 16 !== 0) throw new RangeError("bits must be a multiple of 16");
  checkModulusBits(bits, options);
  const work = new SlicedWork(options);
  for (;;) {
    const p = await randomPrime(bits / 2, work, 0);
    const q = await randomPrime(bits / 2, work, 1);
    const privateKey = assemble(bits, p > q ? p : q, p > q ? q : p);
    if (privateKey === null) continue;
    options.onProgress?.({ primes: 2, candidates: work.candidates });
    return { publicKey: { type: "rsa", n: privateKey.n, e: privateKey.e }, privateKey };
  }
}

/** Work in short slices. Between two slices the event loop runs, the signal is checked, and progress is reported. */
class SlicedWork {
  readonly random: RandomBytes;
  candidates = 0;
  readonly #options: KeyGenerationOptions;
  #sliceStart = -Infinity;

  constructor(options: KeyGenerationOptions) {
    this.#options = options;
    this.random = options.random ?? randomBytes;
  }

  /** Must be called before every costly step. */
  async step(primes: number): Promise<void> {
    if (performance.now() - this.#sliceStart < SLICE) return;
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    this.#sliceStart = performance.now();
    const { signal, onProgress } = this.#options;
    if (signal?.aborted) {
      throw new ChannelError("aborted", "key generation was aborted", { cause: signal.reason });
    }
    onProgress?.({ primes, candidates: this.candidates });
  }
}

/** Returns a random prime of exactly `bits` bits, at least 2^(bits - 1/2) (FIPS 186-5 section A.1.3 steps 4 and 5). */
async function randomPrime(bits: number, work: SlicedWork, primes: number): Promise<bigint> {
  for (;;) {
    await work.step(primes);
    const candidate = randomCandidate(bits, work.random);
    if (candidate * candidate >> BigInt(2 * bits - 1) === 0n) continue;
    work.candidates++;
    if (hasSmallFactor(candidate) || (candidate - 1n) % EXPONENT === 0n) continue;
    if (await passesAllRounds(candidate, millerRabinRounds(bits), work, primes)) return candidate;
  }
}

/** Returns a random odd number of `bits` bits. The first bit is set: a candidate without it would be too small. */
function randomCandidate(bits: number, random: RandomBytes): bigint {
  const bytes = random(bits / 8);
  bytes[0] |= 0x80;
  bytes[bytes.length - 1] |= 1;
  return bytesToBigInt(bytes);
}

async function passesAllRounds(
  candidate: bigint,
  rounds: number,
  work: SlicedWork,
  primes: number,
): Promise<boolean> {
  for (let round = 0; round < rounds; round++) {
    await work.step(primes);
    if (!passesMillerRabin(candidate, work.random)) return false;
  }
  return true;
}

/** Returns how many rounds to test: FIPS 186-5 table B.1; below 1024 bits, FIPS 186-4 table C.3 and one round more. */
function millerRabinRounds(bits: number): number {
  if (bits >= 1536) return 4;
  return bits >= 1024 ? 5 : 8;
}

/**
 * Returns the private key with these primes, or null if they are too close or `d` is too small (section A.1.3 step 5.5,
 * section A.1.1 step 3).
 */
function assemble(bits: number, p: bigint, q: bigint): RsaPrivateKey | null {
  if (p - q >> BigInt(bits / 2 - 100) === 0n) return null;
  const lcm = (p - 1n) * (q - 1n) / gcd(p - 1n, q - 1n);
  const d = modInverse(EXPONENT, lcm)!;
  if (d >> BigInt(bits / 2) === 0n) return null;
  return {
    type: "rsa",
    n: p * q,
    e: EXPONENT,
    d,
    p,
    q,
    dp: d % (p - 1n),
    dq: d % (q - 1n),
    qi: modInverse(q, p)!,
  };
}
