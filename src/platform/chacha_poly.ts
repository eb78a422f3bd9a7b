/** The chosen implementation of ChaCha20-Poly1305. */

import type { AeadAlgorithm } from "../crypto/aead.ts";
import { ChaChaPoly } from "../crypto/chacha.ts";
import { agree } from "./probe_aead.ts";
import { chooser, type CryptoChoice } from "./choose.ts";
import { NodeAead } from "./node_aead.ts";

const pureChaChaPoly: AeadAlgorithm = (key) => new ChaChaPoly(key);

/** Returns the chosen implementation of ChaCha20-Poly1305. */
export const chaChaPoly: (choice: CryptoChoice) => AeadAlgorithm = chooser("ChaCha20-Poly1305", {
  pure: pureChaChaPoly,
  node: (crypto) => (key) => new NodeAead(crypto, "chacha20-poly1305", key),
  works: (native) => agree(native, pureChaChaPoly),
});
