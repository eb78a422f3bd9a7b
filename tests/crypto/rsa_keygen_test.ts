import { assert, channelError, test } from "../_kit/mod.ts";
import { rsa1024, rsa2048, rsa3072 } from "../_kit/keys.ts";
import { bigIntToBytes, bitLength, gcd } from "../../src/bigint.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import {
  checkPrivateKey,
  checkPublicKey,
  generateKeyPair,
  type KeyGenerationProgress,
  modulusLength,
  type RsaPrivateKey,
  signPkcs1,
  verifyPkcs1,
} from "../../src/crypto/rsa/mod.ts";
import { isProbablePrime } from "./_primes.ts";

/** Checks each criterion of FIPS 186-5 section A.1.1. */
function checkByFips(key: RsaPrivateKey, bits: number): void {
  const { n, e, d, p, q, dp, dq, qi } = key;
  assert.equal(bitLength(n), bits);
  assert.equal(e, 65537n);
  assert.equal(p * q, n);
  for (const prime of [p, q]) {
    assert.equal(bitLength(prime), bits / 2);
    assert.ok(prime * prime >= 2n ** BigInt(bits - 1), "at least the square root of 2^(bits - 1)");
    assert.ok(isProbablePrime(prime, 10));
    assert.equal(gcd(prime - 1n, e), 1n);
  }
  assert.ok(p - q > 2n ** BigInt(bits / 2 - 100), "p and q are not close");
  const lcm = (p - 1n) * (q - 1n) / gcd(p - 1n, q - 1n);
  assert.ok(d > 2n ** BigInt(bits / 2) && d < lcm);
  assert.equal(e * d % lcm, 1n);
  assert.deepEqual([dp, dq, qi * q % p], [d % (p - 1n), d % (q - 1n), 1n]);
}

test("generateKeyPair: 2048 bits by FIPS 186-5, in slices", async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  for (let i = 0; i < 5 && turns <= 2; i++) { // one may be lucky and soon done
    const seen: KeyGenerationProgress[] = [];
    const { publicKey, privateKey } = await generateKeyPair({
      onProgress: (progress) => seen.push(progress),
    });
    checkByFips(privateKey, 2048);
    checkPrivateKey(privateKey);
    assert.deepEqual(publicKey, { type: "rsa", n: privateKey.n, e: privateKey.e });
    assert.equal(seen.at(-1)!.primes, 2);
    assert.ok(seen.every((one, i) => i === 0 || one.candidates >= seen[i - 1].candidates));
  }
  clearInterval(timer);
  assert.ok(turns > 2, "the event loop kept turning");
});

test("generateKeyPair: less than 2048 bits must be allowed explicitly", async () => {
  await channelError(() => generateKeyPair({ bits: 1024 }), "unsupported");
  await channelError(() => generateKeyPair({ bits: 1024, allowWeak: false }), "unsupported");
  for (let i = 0; i < 3; i++) {
    const { privateKey, publicKey } = await generateKeyPair({ bits: 1024, allowWeak: true });
    checkByFips(privateKey, 1024);
    const message = randomBytes(20);
    assert.ok(verifyPkcs1(publicKey, "SHA-512", message, signPkcs1(privateKey, "SHA-512", message)));
  }
});

test("generateKeyPair: sizes out of bounds", async () => {
  await channelError(() => generateKeyPair({ bits: 512, allowWeak: true }), "unsupported");
  await channelError(() => generateKeyPair({ bits: 8208 }), "unsupported");
  await channelError(() => generateKeyPair({ bits: -2048 }), "unsupported");
  for (const bits of [2047, 2049, 2056, 2048.5, NaN, Infinity]) {
    await assert.rejects(() => generateKeyPair({ bits }), RangeError);
  }
});

test("generateKeyPair: primes that are equal or close make no key", async () => {
  let close = rsa1024.p + 2n;
  while (!isProbablePrime(close, 5) || close % 65537n === 1n) close += 2n;
  const { p, q } = rsa1024;
  const primes = [p, p, p, close, close, p, p, q].map((prime) => bigIntToBytes(prime, 64));
  const random = (length: number): Uint8Array => length === 64 ? primes.shift()! : randomBytes(length);
  const { privateKey } = await generateKeyPair({ bits: 1024, allowWeak: true, random });
  assert.equal(privateKey.n, rsa1024.n);
  assert.equal(primes.length, 0);
});

test("generateKeyPair: a size that is not a power of two", async () => {
  const { privateKey } = await generateKeyPair({ bits: 1040, allowWeak: true });
  checkByFips(privateKey, 1040);
});

test("generateKeyPair: ends when its signal fires", async () => {
  await channelError(() => generateKeyPair({ signal: AbortSignal.abort() }), "aborted");
  const controller = new AbortController();
  const reason = new Error("enough");
  let candidates = 0;
  const work = generateKeyPair({
    bits: 4096,
    signal: controller.signal,
    onProgress: () => {
      candidates++;
      controller.abort(reason);
    },
  });
  const error = await channelError(() => work, "aborted");
  assert.equal(error.cause, reason);
  assert.equal(candidates, 1);
});

test("checkPublicKey: bounds", async () => {
  checkPublicKey(rsa2048);
  checkPublicKey({ n: 2n ** 8192n - 1n, e: 3n });
  checkPublicKey({ n: rsa2048.n, e: 2n ** 33n - 1n });
  checkPublicKey({ n: 2n ** 1023n + 1n, e: 65537n }, { allowWeak: true });
  assert.equal(modulusLength({ n: 2n ** 1024n + 1n, e: 3n }), 129);
  const refused: readonly [n: bigint, e: bigint, code: "unsupported" | "malformed"][] = [
    [2n ** 2047n - 1n, 65537n, "unsupported"],
    [rsa1024.n, 65537n, "unsupported"],
    [2n ** 8192n + 1n, 65537n, "unsupported"],
    [2n ** 1_000_000n + 1n, 65537n, "unsupported"],
    [rsa2048.n, 2n ** 33n + 1n, "unsupported"],
    [0n, 65537n, "unsupported"],
    [-rsa2048.n, 65537n, "unsupported"],
    [rsa2048.n + 1n, 65537n, "malformed"],
    [rsa2048.n, 65536n, "malformed"],
    [rsa2048.n, 1n, "malformed"],
    [rsa2048.n, 0n, "malformed"],
    [rsa2048.n, -3n, "malformed"],
  ];
  for (const [n, e, code] of refused) await channelError(() => checkPublicKey({ n, e }), code);
  await channelError(
    () => checkPublicKey({ n: 2n ** 1023n - 1n, e: 3n }, { allowWeak: true }),
    "unsupported",
  );
});

test("checkPrivateKey: every part must belong to the others", async () => {
  for (const key of [rsa1024, rsa2048, rsa3072]) checkPrivateKey(key, { allowWeak: true });
  await channelError(() => checkPrivateKey(rsa1024), "unsupported");
  for (const part of ["e", "d", "p", "q", "dp", "dq", "qi"] as const) {
    for (const change of [2n, -2n, -rsa2048[part], -2n * rsa2048[part], rsa2048.n]) {
      const bad = { ...rsa2048, [part]: rsa2048[part] + change };
      const code = part === "e" && change === rsa2048.n ? "unsupported" : "malformed";
      await channelError(() => checkPrivateKey(bad), code);
    }
  }
  const trivial = { ...rsa2048, p: 1n, q: rsa2048.n };
  await channelError(() => checkPrivateKey(trivial), "malformed");
});
