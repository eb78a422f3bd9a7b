/** The operations of a session of the native setting. */

import type { NoiseOperations } from "../crypto/operations.ts";
import { aesGcm, chaChaPoly, recordAesGcm } from "./aead.ts";
import type { CryptoChoice } from "./choose.ts";
import { x25519 } from "./x25519.ts";

/** Returns the operations that serve. */
export function noiseOperations(choice: CryptoChoice): NoiseOperations {
  return {
    aesGcm: aesGcm(choice),
    chaChaPoly: chaChaPoly(choice),
    recordAesGcm: recordAesGcm(choice),
    x25519: x25519(choice),
  };
}
