/** Randomness: the platform's generator, in the shape that tests replace. */

import { ChannelError } from "../errors.ts";

/** Gives `length` fresh random bytes. */
export type RandomBytes = (length: number) => Uint8Array;

/** What one call of `crypto.getRandomValues` gives at most (Web Cryptography API section 10.1.1). */
const QUOTA = 65_536;

/** Random bytes from the platform; throws a ChannelError `unsupported` where it has no `crypto.getRandomValues`. */
export const randomBytes: RandomBytes = (length) => {
  if (globalThis.crypto?.getRandomValues === undefined) {
    throw new ChannelError("unsupported", "this platform has no crypto.getRandomValues");
  }
  const bytes = new Uint8Array(length);
  for (let offset = 0; offset < length; offset += QUOTA) {
    globalThis.crypto.getRandomValues(bytes.subarray(offset, offset + QUOTA));
  }
  return bytes;
};
