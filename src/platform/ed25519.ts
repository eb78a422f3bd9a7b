/** Ed25519. */

import { concat, equalBytes, fromHex, toBase64Url } from "../bytes.ts";
import {
  type Ed25519Primitives,
  ed25519PrivateKey,
  isStrictPoint,
  PURE_ED25519,
} from "../crypto/ec/ed25519.ts";
import { chooser, type CryptoChoice } from "./choose.ts";
import { type NodeCrypto, plainBytes } from "./node_crypto.ts";

/** The bytes before the 32 secret bytes in PKCS#8 (RFC 8410 section 7). */
const PKCS8_HEAD: Uint8Array = fromHex("302e020100300506032b657004220420");

/** Returns the chosen implementation of Ed25519. */
export const ed25519: (choice: CryptoChoice) => Ed25519Primitives = chooser("Ed25519", {
  pure: PURE_ED25519,
  node: nodeEd25519,
  works: ({ sign, verify }) => {
    const key = ed25519PrivateKey(Uint8Array.from({ length: 32 }, (_, i) => i));
    const signature = sign(key, key.d);
    return equalBytes(signature, PURE_ED25519.sign(key, key.d)) && verify(key.key, key.d, signature) &&
      !verify(key.key, key.key, signature);
  },
});

function nodeEd25519(crypto: NodeCrypto): Ed25519Primitives {
  return {
    /** Imports the secret bytes alone, so that the public key is computed from them. */
    sign({ d }, message) {
      const key = crypto.createPrivateKey({ key: concat(PKCS8_HEAD, d), format: "der", type: "pkcs8" });
      return plainBytes(crypto.sign(null, message, { key }));
    },

    /** Checks points first: OpenSSL accepts encodings that are not canonical, and points of small order. */
    verify(publicKey, message, signature) {
      if (!isStrictPoint(publicKey) || !isStrictPoint(signature.subarray(0, 32))) return false;
      try {
        const jwk = { kty: "OKP", crv: "Ed25519", x: toBase64Url(publicKey) };
        return crypto.verify(
          null,
          message,
          { key: crypto.createPublicKey({ key: jwk, format: "jwk" }) },
          signature,
        );
      } catch {
        return false; // the public key is not a point of the curve
      }
    },
  };
}
