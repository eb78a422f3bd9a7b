/** The initial permutation IP of DES and its inverse FP (FIPS 46-3), on whole blocks. */

/** Applies the initial permutation IP to whole blocks. Returns two words for each, both rotated left by one. */
export function initialPermutation(data: Uint8Array): Int32Array {
  const words = new Int32Array(data.length / 4);
  for (let i = 0, j = 0; i < words.length; i += 2, j += 8) {
    let l = data[j] << 24 | data[j + 1] << 16 | data[j + 2] << 8 | data[j + 3];
    let r = data[j + 4] << 24 | data[j + 5] << 16 | data[j + 6] << 8 | data[j + 7];
    let t = (l >>> 4 ^ r) & 0x0f0f0f0f;
    r ^= t;
    l ^= t << 4;
    t = (l >>> 16 ^ r) & 0xffff;
    r ^= t;
    l ^= t << 16;
    t = (r >>> 2 ^ l) & 0x33333333;
    l ^= t;
    r ^= t << 2;
    t = (r >>> 8 ^ l) & 0x00ff00ff;
    l ^= t;
    r ^= t << 8;
    r = r << 1 | r >>> 31;
    t = (l ^ r) & 0xaaaaaaaa;
    r ^= t;
    l ^= t;
    words[i] = l << 1 | l >>> 31;
    words[i + 1] = r;
  }
  return words;
}

/** Applies the inverse of IP, and writes as many bytes as the output has. */
export function finalPermutation(words: Int32Array, output: Uint8Array): void {
  for (let i = 0, j = 0; j < output.length; i += 2, j += 8) {
    let l = words[i];
    let r = words[i + 1];
    l = l >>> 1 | l << 31;
    let t = (l ^ r) & 0xaaaaaaaa;
    l ^= t;
    r ^= t;
    r = r >>> 1 | r << 31;
    t = (r >>> 8 ^ l) & 0x00ff00ff;
    l ^= t;
    r ^= t << 8;
    t = (r >>> 2 ^ l) & 0x33333333;
    l ^= t;
    r ^= t << 2;
    t = (l >>> 16 ^ r) & 0xffff;
    r ^= t;
    l ^= t << 16;
    t = (l >>> 4 ^ r) & 0x0f0f0f0f;
    r ^= t;
    l ^= t << 4;
    output[j] = l >>> 24;
    output[j + 1] = l >>> 16;
    output[j + 2] = l >>> 8;
    output[j + 3] = l;
    output[j + 4] = r >>> 24;
    output[j + 5] = r >>> 16;
    output[j + 6] = r >>> 8;
    output[j + 7] = r;
  }
}
