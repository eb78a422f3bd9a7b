/** AEADs as a session is handed them. */

import { equalBytes } from "../bytes.ts";
import { type AeadAlgorithm, type DeferredAeadAlgorithm, TAG_LENGTH } from "../crypto/aead.ts";
import { AesGcm } from "../crypto/aes.ts";
import { ChaChaPoly } from "../crypto/chacha.ts";
import { chooser, type CryptoChoice, WEB_AES_GCM_MINIMUM } from "./choose.ts";
import { NodeAead } from "./node_aead.ts";
import { currentRuntime, webCrypto } from "./runtime.ts";
import { WebAesGcm } from "./web_aead.ts";

const pureAesGcm: AeadAlgorithm = (key) => new AesGcm(key);
const pureChaChaPoly: AeadAlgorithm = (key) => new ChaChaPoly(key);

/** Returns AES-GCM, for keys of 16 and 32 bytes. */
export const aesGcm: (choice: CryptoChoice) => AeadAlgorithm = chooser("AES-GCM", {
  pure: pureAesGcm,
  node: (crypto) => (key) =>
    key.length === 24 ? new AesGcm(key) : new NodeAead(crypto, `aes-${8 * key.length}-gcm`, key), // Deno has no AES-192
  works: (native) => agree(native, pureAesGcm),
});

/** Returns AES-GCM for records: where WebCrypto serves the large ones, their results come later. */
export function recordAesGcm(choice: CryptoChoice): DeferredAeadAlgorithm {
  const other = aesGcm(choice);
  const subtle = webCrypto();
  const minimum = WEB_AES_GCM_MINIMUM[currentRuntime()];
  if (choice === "pure" || subtle === undefined || minimum === Infinity) return other;
  return (key) => new WebAesGcm(subtle, key, other(key), minimum);
}

/** Returns ChaCha20-Poly1305. */
export const chaChaPoly: (choice: CryptoChoice) => AeadAlgorithm = chooser("ChaCha20-Poly1305", {
  pure: pureChaChaPoly,
  node: (crypto) => (key) => new NodeAead(crypto, "chacha20-poly1305", key),
  works: (native) => agree(native, pureChaChaPoly),
});

/** Whether an implementation gives what another gives, and refuses a wrong tag. */
function agree(native: AeadAlgorithm, pure: AeadAlgorithm): boolean {
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
