/** RC2 (RFC 2268) in CBC mode, for decryption only: old programs encrypt the certificates in PKCS#12 files with it. */

/** PITABLE of section 2. */
const PI_TABLE: Uint8Array = Uint8Array.from(
  (
    "d978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2" +
    "179a59f587b34f1361456d8d09817d32bd8f40eb86b77b0bf09521225c6b4e82" +
    "54d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626" +
    "6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed7" +
    "08e8eade8052eef784aa72ac354d6a2a961ad2715a1549744b9fd05e0418a4ec" +
    "c2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731" +
    "2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a9" +
    "0d38341bab33ffb0bb480c5fb9b1cd2ec5f3db47e5a59c770aa62068fe7fc1ad"
  ).match(/../g)!,
  (hex) => parseInt(hex, 16),
);

/** RC2 under one key. */
export class Rc2 {
  readonly #key: Uint16Array;

  /** Computes the key schedule (section 2), with an effective key length of `effectiveBits`. */
  constructor(key: Uint8Array, effectiveBits: number) {
    const bytes = new Uint8Array(128);
    bytes.set(key);
    for (let i = key.length; i < 128; i++) bytes[i] = PI_TABLE[bytes[i - 1] + bytes[i - key.length] & 255];
    const effectiveBytes = Math.ceil(effectiveBits / 8);
    const mask = 255 >> (8 * effectiveBytes - effectiveBits);
    bytes[128 - effectiveBytes] = PI_TABLE[bytes[128 - effectiveBytes] & mask];
    for (let i = 127 - effectiveBytes; i >= 0; i--) {
      bytes[i] = PI_TABLE[bytes[i + 1] ^ bytes[i + effectiveBytes]];
    }
    this.#key = Uint16Array.from({ length: 64 }, (_, i) => bytes[2 * i] | bytes[2 * i + 1] << 8);
  }

  /** Decrypts whole blocks of 8 bytes. */
  decryptCbc(iv: Uint8Array, data: Uint8Array): Uint8Array {
    const output = new Uint8Array(data.length);
    for (let offset = 0; offset < data.length; offset += 8) {
      const block = data.subarray(offset, offset + 8);
      const previous = offset === 0 ? iv : data.subarray(offset - 8, offset);
      output.set(this.#decryptBlock(block).map((byte, i) => byte ^ previous[i]), offset);
    }
    return output;
  }

  /** Decrypts one block (section 4): five rounds of r-mixing, one of r-mashing, six of mixing, one of mashing, five of mixing. */
  #decryptBlock(block: Uint8Array): Uint8Array {
    const r = Uint16Array.from({ length: 4 }, (_, i) => block[2 * i] | block[2 * i + 1] << 8);
    for (let round = 15; round >= 0; round--) {
      this.#reverseMix(r, round);
      if (round === 11 || round === 5) this.#reverseMash(r);
    }
    return Uint8Array.from({ length: 8 }, (_, i) => r[i >> 1] >> 8 * (i & 1));
  }

  #reverseMix(r: Uint16Array, round: number): void {
    for (let i = 3; i >= 0; i--) {
      const shift = [1, 2, 3, 5][i];
      const rotated = r[i] >> shift | r[i] << 16 - shift;
      const [before, second, third] = [r[i + 3 & 3], r[i + 2 & 3], r[i + 1 & 3]];
      r[i] = rotated - this.#key[4 * round + i] - (before & second) - (~before & third);
    }
  }

  #reverseMash(r: Uint16Array): void {
    for (let i = 3; i >= 0; i--) r[i] -= this.#key[r[i + 3 & 3] & 63];
  }
}
