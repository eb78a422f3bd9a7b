/** The platform's random generator, as a function that tests can replace. */

import { ChannelError } from "../errors.ts";

/** Returns `length` fresh random bytes. */
export type RandomBytes = (length: number) => Uint8Array;

/** The most bytes that one call of `crypto.getRandomValues` returns (Web Cryptography API section 10.1.1). */
const QUOTA = 65_536;

/** Returns random bytes from the platform; throws a ChannelError `unsupported` if it has no `crypto.getRandomValues`. */
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
