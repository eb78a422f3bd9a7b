/** HMAC (RFC 2104). */

import { hmac as nobleHmac } from "@noble/hashes/hmac.js";
import type { Hash } from "./hash.ts";

/** Begins the HMAC of a message that comes in parts. */
export const createHmac: typeof nobleHmac.create = nobleHmac.create;

/** A hash function, with the platform's HMAC if it has one. */
export type HmacHash = Hash & { readonly hmac?: (key: Uint8Array, message: Uint8Array) => Uint8Array };

/** Returns the HMAC of a message. */
export function hmac(hash: HmacHash, key: Uint8Array, message: Uint8Array): Uint8Array {
  return hash.hmac?.(key, message) ?? nobleHmac(hash, key, message);
}
