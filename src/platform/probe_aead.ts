/** The probe of an AEAD. */

import { equalBytes } from "../bytes.ts";
import { type AeadAlgorithm, TAG_LENGTH } from "../crypto/aead.ts";

/**
 * Returns whether an AEAD of the platform gives the same results as the reference implementation, and refuses a wrong tag.
 */
export function agree(native: AeadAlgorithm, pure: AeadAlgorithm): boolean {
  const key = Uint8Array.from({ length: 32 }, (_, i) => i);
  const nonce = key.subarray(0, 12);
  const [ours, theirs] = [pure(key), native(key)];
  return [0, 1, 33].every((length) => {
    const text = new Uint8Array(length).fill(7);
    const sealed = theirs.encrypt(nonce, key, text, new Uint8Array(length + TAG_LENGTH));
    return equalBytes(sealed, ours.encrypt(nonce, key, text)) &&
      equalBytes(theirs.decrypt(nonce, key, sealed), text) && refuses(() =>
        theirs.decrypt(nonce, text, sealed)
      );
  });
}

function refuses(work: () => unknown): boolean {
  try {
    work();
    return false;
  } catch {
    return true;
  }
}
