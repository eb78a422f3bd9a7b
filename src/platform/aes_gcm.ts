/** The chosen implementation of AES-GCM. */

import type { AeadAlgorithm, DeferredAeadAlgorithm } from "../crypto/aead.ts";
import { AesGcm } from "../crypto/aes.ts";
import { agree } from "./probe_aead.ts";
import { chooser, type CryptoChoice, WEB_AES_GCM_MINIMUM } from "./choose.ts";
import { NodeAead } from "./node_aead.ts";
import { currentRuntime, webCrypto } from "./runtime.ts";
import { WebAesGcm } from "./web_aead.ts";

const pureAesGcm: AeadAlgorithm = (key) => new AesGcm(key);

/** Returns AES-GCM, for keys of 16 and 32 bytes. */
export const aesGcm: (choice: CryptoChoice) => AeadAlgorithm = chooser("AES-GCM", {
  pure: pureAesGcm,
  node: (crypto) => (key) =>
    key.length === 24 ? new AesGcm(key) : new NodeAead(crypto, `aes-${8 * key.length}-gcm`, key), // Deno lacks AES-192
  works: (native) => agree(native, pureAesGcm),
});

/**
 * Returns AES-GCM for records. If WebCrypto encrypts and decrypts the large records, their results are promises.
 */
export function recordAesGcm(choice: CryptoChoice): DeferredAeadAlgorithm {
  const other = aesGcm(choice);
  const subtle = webCrypto();
  const minimum = WEB_AES_GCM_MINIMUM[currentRuntime()];
  if (choice === "pure" || subtle === undefined || minimum === Infinity) return other;
  return (key) => new WebAesGcm(subtle, key, other(key), minimum);
}
