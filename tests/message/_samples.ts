/** Bytes of several kinds, the same in every run. */

let state = 0x2545f491;

/** A number from 0 to `below` - 1. */
export function random(below: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % below;
}

/** Returns bytes that cannot be compressed. */
export function noise(length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random(256));
}

/** Returns a small message like that of an application server. */
export function json(i: number): string {
  return JSON.stringify({
    id: i,
    type: "order",
    user: `user${i * 7919 % 1000}`,
    price: (i * 37 % 9973) / 100,
  });
}

const WORDS = "the secure channel carries a message from client to server over any transport and back again"
  .split(" ");

/** Returns text like prose. */
export function text(length: number): string {
  let prose = "";
  while (prose.length < length) prose += WORDS[random(WORDS.length)] + (random(9) === 0 ? ".\n" : " ");
  return prose.slice(0, length);
}
