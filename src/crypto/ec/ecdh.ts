/** ECDH on P-256, P-384 and P-521 (SEC 1 section 3.3.1, as RFC 8446 section 7.4.2 uses it). */

import { bigIntToBytes } from "../../bigint.ts";
import type { KeyAgreement } from "./key_agreement.ts";
import { publicPoint, randomScalar, secretScalar } from "./keys.ts";
import { secretMultiple } from "./secret_multiple.ts";
import { curveByName, type CurveName, decodePoint, toAffine } from "./weierstrass.ts";

/** ECDH on P-256 (secp256r1). */
export const p256: KeyAgreement = ecdh("P-256");
/** ECDH on P-384 (secp384r1). */
export const p384: KeyAgreement = ecdh("P-384");
/** ECDH on P-521 (secp521r1). */
export const p521: KeyAgreement = ecdh("P-521");

function ecdh(name: CurveName): KeyAgreement {
  return {
    generateKeyPair(random) {
      const secretKey = randomScalar(name, random);
      return { secretKey, publicKey: publicPoint(name, secretKey) };
    },

    publicKey: (secretKey) => publicPoint(name, secretKey),

    /** Returns the x coordinate. The result is never infinity: the order is prime, and the scalar is below it. */
    sharedSecret(secretKey, publicKey) {
      const curve = curveByName(name);
      const scalar = secretScalar(name, secretKey);
      const shared = secretMultiple(curve, scalar, decodePoint(curve, publicKey));
      return bigIntToBytes(toAffine(curve, shared).x, curve.size);
    },
  };
}
