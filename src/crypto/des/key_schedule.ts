/** The key schedule of DES (FIPS 46-3, appendix 1). */

import { PC1, PC2, SHIFTS } from "./tables.ts";

/** The key of one round, as 6-bit groups in bytes: `odd` has those of S1, S3, S5 and S7, `even` those of S2, S4, S6 and S8. */
export type RoundKey = readonly [odd: number, even: number];

/** Returns the keys of the sixteen rounds. */
export function roundKeys(key: Uint8Array): RoundKey[] {
  const bits = PC1.map((bit) => bitOf(key, bit));
  let c = bits.slice(0, 28);
  let d = bits.slice(28);
  return SHIFTS.map((shift) => {
    c = [...c.slice(shift), ...c.slice(0, shift)];
    d = [...d.slice(shift), ...d.slice(0, shift)];
    const halves = [...c, ...d];
    const words: [odd: number, even: number] = [0, 0];
    PC2.forEach((bit, i) => {
      const box = Math.floor(i / 6);
      words[box % 2] |= halves[bit - 1] << (24 - 8 * (box >> 1) + 5 - i % 6);
    });
    return words;
  });
}

/** Returns the bit at a position counted from 1, the most significant. */
function bitOf(bytes: Uint8Array, bit: number): number {
  return bytes[(bit - 1) >> 3] >> (7 - (bit - 1) % 8) & 1;
}
