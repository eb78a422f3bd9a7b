/** The operations of a TLS session. */

import type { TlsOperations } from "../crypto/operations.ts";
import { aesCbc } from "./aes_cbc.ts";
import { recordAesGcm } from "./aes_gcm.ts";
import { chaChaPoly } from "./chacha_poly.ts";
import type { CryptoChoice } from "./choose.ts";
import { ed25519 } from "./ed25519.ts";
import { hashes } from "./hashes.ts";
import { mlKem768 } from "./ml_kem.ts";
import { ecdsa, p256, p384, p521 } from "./nist_curves.ts";
import { rsa } from "./rsa.ts";
import { x25519 } from "./x25519.ts";

/** Returns the chosen implementations. */
export function tlsOperations(choice: CryptoChoice): TlsOperations {
  return {
    aesGcm: recordAesGcm(choice),
    chaChaPoly: chaChaPoly(choice),
    aesCbc: aesCbc(choice),
    rsa: rsa(choice),
    ecdsa: ecdsa(choice),
    ed25519: ed25519(choice),
    x25519: x25519(choice),
    p256: p256(choice),
    p384: p384(choice),
    p521: p521(choice),
    mlKem768: mlKem768(choice),
    ...hashes(choice),
  };
}
