/** The operations of a native session with ChaCha20-Poly1305. */

import type { NoiseOperations } from "../crypto/operations.ts";
import { chaChaPoly } from "./chacha_poly.ts";
import type { CryptoChoice } from "./choose.ts";
import { x25519 } from "./x25519.ts";

/** Returns the chosen implementations. */
export function chaChaPolyOperations(choice: CryptoChoice): NoiseOperations {
  const aead = chaChaPoly(choice);
  return { aead, recordAead: aead, x25519: x25519(choice) };
}
