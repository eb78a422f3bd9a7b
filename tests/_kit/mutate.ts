/** Seeded mutation of bytes: the same seed gives the same mutations everywhere. */

/** Returns a number from 0 to `bound` - 1. */
export type Random = (bound: number) => number;

/** Returns a pseudorandom generator (mulberry32). It is only good enough for choosing mutations. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return (bound) => {
    state = state + 0x6d2b79f5 >>> 0;
    let mixed = Math.imul(state ^ state >>> 15, state | 1);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
    return ((mixed ^ mixed >>> 14) >>> 0) % bound;
  };
}

/** Byte values at the limits of lengths, tags and signs in DER. */
const EDGES = [
  0x00,
  0x01,
  0x02,
  0x03,
  0x04,
  0x05,
  0x06,
  0x1f,
  0x30,
  0x31,
  0x7f,
  0x80,
  0x81,
  0x82,
  0x84,
  0xa0,
  0xff,
];

type Mutation = (bytes: Uint8Array, random: Random) => Uint8Array;

const MUTATIONS: readonly Mutation[] = [
  (bytes, random) => at(bytes, random, (byte) => byte ^ 1 << random(8)),
  (bytes, random) => at(bytes, random, () => EDGES[random(EDGES.length)]),
  (bytes, random) => at(bytes, random, (byte) => byte + (random(2) === 0 ? 1 : -1)),
  (bytes, random) => bytes.subarray(0, random(bytes.length)),
  (bytes, random) => splice(bytes, random(bytes.length), 1 + random(8), new Uint8Array(0)),
  (bytes, random) =>
    splice(bytes, random(bytes.length), 0, Uint8Array.from({ length: 1 + random(8) }, () => random(256))),
  (bytes, random) => {
    const from = random(bytes.length);
    return splice(bytes, random(bytes.length), 0, bytes.subarray(from, from + 1 + random(64)));
  },
];

/** Returns a copy of `bytes` with one to three mutations. */
export function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  let mutant = bytes;
  for (let count = 1 + random(3); count > 0 && mutant.length > 0; count--) {
    mutant = MUTATIONS[random(MUTATIONS.length)](mutant, random);
  }
  return mutant;
}

function at(bytes: Uint8Array, random: Random, change: (byte: number) => number): Uint8Array {
  const mutant = bytes.slice();
  const index = random(bytes.length);
  mutant[index] = change(mutant[index]);
  return mutant;
}

function splice(bytes: Uint8Array, start: number, removed: number, inserted: Uint8Array): Uint8Array {
  const mutant = new Uint8Array(start + inserted.length + Math.max(0, bytes.length - start - removed));
  mutant.set(bytes.subarray(0, start));
  mutant.set(inserted, start);
  mutant.set(bytes.subarray(start + removed), start + inserted.length);
  return mutant;
}
