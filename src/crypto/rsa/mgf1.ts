/** MGF1, the mask generation function (RFC 8017 appendix B.2.1). */

import type { Hash } from "../hash.ts";

/** XORs the mask of `seed` over `data` in place. */
export function applyMask(hash: Hash, seed: Uint8Array, data: Uint8Array): void {
  const counter = new Uint8Array(4);
  const view = new DataView(counter.buffer);
  for (let offset = 0; offset < data.length; offset += hash.outputLen) {
    view.setUint32(0, offset / hash.outputLen);
    const mask = hash.create().update(seed).update(counter).digest();
    const end = Math.min(data.length - offset, mask.length);
    for (let i = 0; i < end; i++) data[offset + i] ^= mask[i];
  }
}
