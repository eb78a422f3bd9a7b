/**
 * Poly1305 (RFC 8439 section 2.5), on numbers of 22 bits.
 *
 * JavaScript multiplies exactly up to 2^53. Six limbs of 22 bits hold 132 bits; a sum of six products, each of a limb of
 * at most 23 bits, one of 22 bits and the factor 20, stays below 2^52. So there are 36 multiplications for each block of
 * 16 bytes, and neither a branch nor an index depends on secrets.
 */

const LIMB = 2 ** 22;
const MASK = LIMB - 1;
const SHIFT = 2 ** -22;

/** The last limb ends at 2^132; the bits below 2^130 of it are 20. */
const TOP_MASK = 2 ** 20 - 1;

/** 2^132, where the limbs end, is 4 * 2^130, and 2^130 is 5 (RFC 8439 section 2.5.1). */
const WRAP = 20;

/** The 17th byte, a one behind each whole block, within the last limb: 2^128 / 2^110. */
const BLOCK_END = 2 ** 18;

/** Authenticates one message under a key that is never used again. */
export class Poly1305 {
  readonly #r: Float64Array = new Float64Array(6);
  readonly #h: Float64Array = new Float64Array(6);
  readonly #pad: DataView;

  /** Takes the 32 bytes of the one-time key; its first half is clamped (section 2.5.1). */
  constructor(key: Uint8Array) {
    const view = new DataView(new Uint8Array(key).buffer);
    const t0 = view.getUint32(0, true) & 0x0fffffff;
    const t1 = view.getUint32(4, true) & 0x0ffffffc;
    const t2 = view.getUint32(8, true) & 0x0ffffffc;
    const t3 = view.getUint32(12, true) & 0x0ffffffc;
    const r = this.#r;
    r[0] = t0 & MASK;
    r[1] = (t0 >>> 22 | t1 << 10) & MASK;
    r[2] = (t1 >>> 12 | t2 << 20) & MASK;
    r[3] = t2 >>> 2 & MASK;
    r[4] = (t2 >>> 24 | t3 << 8) & MASK;
    r[5] = t3 >>> 14;
    this.#pad = new DataView(view.buffer, 16);
  }

  /** Takes data, filled up with zeros to whole blocks of 16 bytes: RFC 8439 section 2.8 does so with each of its parts. */
  update(data: Uint8Array): this {
    const whole = data.length & ~15;
    this.#blocks(new DataView(data.buffer, data.byteOffset, whole), whole);
    if (whole < data.length) {
      const last = new Uint8Array(16);
      last.set(data.subarray(whole));
      this.#blocks(new DataView(last.buffer), 16);
    }
    return this;
  }

  /** The tag, 16 bytes. */
  digest(): Uint8Array {
    const h = reduced(this.#h);
    const words = [
      h[0] | h[1] << 22,
      h[1] >>> 10 | h[2] << 12,
      h[2] >>> 20 | h[3] << 2 | h[4] << 24,
      h[4] >>> 8 | h[5] << 14,
    ];
    const tag = new DataView(new ArrayBuffer(16));
    let sum = 0;
    for (let i = 0; i < 4; i++) {
      sum = (words[i] >>> 0) + this.#pad.getUint32(4 * i, true) + Math.floor(sum / 2 ** 32);
      tag.setUint32(4 * i, sum, true);
    }
    return new Uint8Array(tag.buffer);
  }

  #blocks(data: DataView, length: number): void {
    const r = this.#r;
    const h = this.#h;
    const r0 = r[0], r1 = r[1], r2 = r[2], r3 = r[3], r4 = r[4], r5 = r[5];
    const s1 = r1 * WRAP, s2 = r2 * WRAP, s3 = r3 * WRAP, s4 = r4 * WRAP, s5 = r5 * WRAP;
    let h0 = h[0], h1 = h[1], h2 = h[2], h3 = h[3], h4 = h[4], h5 = h[5];
    for (let i = 0; i < length; i += 16) {
      const t0 = data.getUint32(i, true);
      const t1 = data.getUint32(i + 4, true);
      const t2 = data.getUint32(i + 8, true);
      const t3 = data.getUint32(i + 12, true);
      h0 += t0 & MASK;
      h1 += (t0 >>> 22 | t1 << 10) & MASK;
      h2 += (t1 >>> 12 | t2 << 20) & MASK;
      h3 += t2 >>> 2 & MASK;
      h4 += (t2 >>> 24 | t3 << 8) & MASK;
      h5 += t3 >>> 14 | BLOCK_END;

      const d0 = h0 * r0 + h1 * s5 + h2 * s4 + h3 * s3 + h4 * s2 + h5 * s1;
      const c0 = Math.floor(d0 * SHIFT);
      const d1 = h0 * r1 + h1 * r0 + h2 * s5 + h3 * s4 + h4 * s3 + h5 * s2 + c0;
      const c1 = Math.floor(d1 * SHIFT);
      const d2 = h0 * r2 + h1 * r1 + h2 * r0 + h3 * s5 + h4 * s4 + h5 * s3 + c1;
      const c2 = Math.floor(d2 * SHIFT);
      const d3 = h0 * r3 + h1 * r2 + h2 * r1 + h3 * r0 + h4 * s5 + h5 * s4 + c2;
      const c3 = Math.floor(d3 * SHIFT);
      const d4 = h0 * r4 + h1 * r3 + h2 * r2 + h3 * r1 + h4 * r0 + h5 * s5 + c3;
      const c4 = Math.floor(d4 * SHIFT);
      const d5 = h0 * r5 + h1 * r4 + h2 * r3 + h3 * r2 + h4 * r1 + h5 * r0 + c4;
      const c5 = Math.floor(d5 * SHIFT);

      const d6 = d0 - c0 * LIMB + c5 * WRAP;
      const c6 = Math.floor(d6 * SHIFT);
      h0 = d6 - c6 * LIMB;
      h1 = d1 - c1 * LIMB + c6; // may pass 22 bits by a few: the next sums have room for that
      h2 = d2 - c2 * LIMB;
      h3 = d3 - c3 * LIMB;
      h4 = d4 - c4 * LIMB;
      h5 = d5 - c5 * LIMB;
    }
    h[0] = h0;
    h[1] = h1;
    h[2] = h2;
    h[3] = h3;
    h[4] = h4;
    h[5] = h5;
  }
}

/** The number itself modulo 2^130 - 5, in the fewest bits. */
function reduced(limbs: Float64Array): Uint32Array {
  const h = new Uint32Array(limbs);
  const over = carry(h, 5 * carry(h, 0));
  h[0] += 5 * over; // where it was over by so little, the limbs are nearly 0: this carries no further
  const less = h.slice(); // by 2^130 - 5
  const fits = carry(less, 5);
  for (let i = 0; i < 6; i++) h[i] = h[i] & fits - 1 | less[i] & -fits;
  return h;
}

/** Adds to the lowest limb and carries on up to 2^130; gives what is beyond. */
function carry(limbs: Uint32Array, addend: number): number {
  for (let i = 0; i < 5; i++) {
    const sum = limbs[i] + addend;
    limbs[i] = sum & MASK;
    addend = sum >>> 22;
  }
  const top = limbs[5] + addend;
  limbs[5] = top & TOP_MASK;
  return top >>> 20;
}
