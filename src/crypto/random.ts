/** Randomness: the platform's generator, in the shape that tests replace. */

/** Gives `length` fresh random bytes. */
export type RandomBytes = (length: number) => Uint8Array;

/** What one call of `crypto.getRandomValues` gives at most (Web Cryptography API section 10.1.1). */
const QUOTA = 65_536;

/** Random bytes from the platform; throws where it has no `crypto.getRandomValues`. */
export const randomBytes: RandomBytes = (length) => {
  const bytes = new Uint8Array(length);
  for (let offset = 0; offset < length; offset += QUOTA) {
    globalThis.crypto.getRandomValues(bytes.subarray(offset, offset + QUOTA));
  }
  return bytes;
};
