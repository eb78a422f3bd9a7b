/** The operations of a native session with AES-GCM. */

import type { NoiseOperations } from "../crypto/operations.ts";
import { aesGcm, recordAesGcm } from "./aes_gcm.ts";
import type { CryptoChoice } from "./choose.ts";
import { x25519 } from "./x25519.ts";

/** Returns the chosen implementations. */
export function aesGcmOperations(choice: CryptoChoice): NoiseOperations {
  return { aead: aesGcm(choice), recordAead: recordAesGcm(choice), x25519: x25519(choice) };
}
