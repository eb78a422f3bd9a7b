/** The operations of a session of the native setting that encrypts by ChaCha20-Poly1305. */

import type { NoiseOperations } from "../crypto/operations.ts";
import { chaChaPoly } from "./chacha_poly.ts";
import type { CryptoChoice } from "./choose.ts";
import { x25519 } from "./x25519.ts";

/** Returns the operations that serve. */
export function chaChaPolyOperations(choice: CryptoChoice): NoiseOperations {
  const aead = chaChaPoly(choice);
  return { aead, recordAead: aead, x25519: x25519(choice) };
}
