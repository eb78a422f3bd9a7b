/** GHASH, the hash function of Galois/Counter Mode (SP 800-38D section 6.4). */

const BLOCK = 16;

/**
 * GHASH under one hash subkey. The constructor multiplies the subkey by every half-byte at each of a block's 32 positions.
 * These products take 8 KiB; the product of a block is the sum of 32 of them. The look-ups depend on secrets, as the table
 * look-ups of AES do.
 */
export class Ghash {
  /** The products, four words each: 16 for each position, indexed by the value of the half-byte. */
  readonly #products: Int32Array = new Int32Array(32 * 16 * 4);

  /** Takes the hash subkey: 16 bytes. */
  constructor(subkey: Uint8Array) {
    const table = this.#products;
    const view = viewOf(subkey);
    let [a, b, c, d] = [view.getInt32(0), view.getInt32(4), view.getInt32(8), view.getInt32(12)];
    for (let bit = 0; bit < 8 * BLOCK; bit++) {
      table.set([a, b, c, d], bit >> 2 << 6 | 8 >> (bit & 3) << 2);
      const carry = -(d & 1) & 0xe1000000; // multiplication by x is a shift to the right (section 6.3)
      d = d >>> 1 | c << 31;
      c = c >>> 1 | b << 31;
      b = b >>> 1 | a << 31;
      a = a >>> 1 ^ carry;
    }
    for (let i = 0; i < table.length; i++) {
      const value = i & 60;
      const lowest = value & -value;
      if (lowest !== value) table[i] = table[i ^ lowest] ^ table[i ^ value ^ lowest];
    }
  }

  /**
   * Returns the hash of the additional data and the ciphertext, each zero-padded to whole blocks, and of their lengths
   * (section 7.1).
   */
  digest(additional: Uint8Array, ciphertext: Uint8Array): Uint8Array {
    const state = new Int32Array(4);
    this.#update(state, additional);
    this.#update(state, ciphertext);
    const lengths = new Uint8Array(BLOCK);
    const view = viewOf(lengths);
    view.setBigUint64(0, BigInt(additional.length) * 8n);
    view.setBigUint64(8, BigInt(ciphertext.length) * 8n);
    this.#update(state, lengths);
    state.forEach((word, i) => view.setInt32(4 * i, word));
    return lengths;
  }

  #update(state: Int32Array, data: Uint8Array): void {
    const whole = data.length - data.length % BLOCK;
    this.#blocks(state, data.subarray(0, whole));
    if (whole === data.length) return;
    const last = new Uint8Array(BLOCK);
    last.set(data.subarray(whole));
    this.#blocks(state, last);
  }

  #blocks(state: Int32Array, data: Uint8Array): void {
    const table = this.#products;
    const view = viewOf(data);
    let [a, b, c, d] = state;
    for (let offset = 0; offset < data.length; offset += BLOCK) {
      const w0 = a ^ view.getInt32(offset);
      const w1 = b ^ view.getInt32(offset + 4);
      const w2 = c ^ view.getInt32(offset + 8);
      const w3 = d ^ view.getInt32(offset + 12);
      a = 0;
      b = 0;
      c = 0;
      d = 0;
      for (let i = 0; i < 8; i++) {
        const i0 = i << 6 | (w0 >>> 28 - 4 * i & 15) << 2;
        const i1 = i + 8 << 6 | (w1 >>> 28 - 4 * i & 15) << 2;
        const i2 = i + 16 << 6 | (w2 >>> 28 - 4 * i & 15) << 2;
        const i3 = i + 24 << 6 | (w3 >>> 28 - 4 * i & 15) << 2;
        a ^= table[i0] ^ table[i1] ^ table[i2] ^ table[i3];
        b ^= table[i0 + 1] ^ table[i1 + 1] ^ table[i2 + 1] ^ table[i3 + 1];
        c ^= table[i0 + 2] ^ table[i1 + 2] ^ table[i2 + 2] ^ table[i3 + 2];
        d ^= table[i0 + 3] ^ table[i1 + 3] ^ table[i2 + 3] ^ table[i3 + 3];
      }
    }
    state[0] = a;
    state[1] = b;
    state[2] = c;
    state[3] = d;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
