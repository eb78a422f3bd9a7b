/** X25519. */

import { equalBytes, toBase64Url } from "../bytes.ts";
import type { KeyAgreement } from "../crypto/ec/key_agreement.ts";
import { x25519 as pure } from "../crypto/ec/x25519.ts";
import { randomBytes } from "../crypto/random.ts";
import { chooser, type CryptoChoice } from "./choose.ts";
import { type NodeCrypto, plainBytes } from "./node_crypto.ts";

const SIZE = 32;

/** The base point of X25519 (RFC 7748 section 4.1). */
const BASE: Uint8Array = Uint8Array.from({ length: SIZE }, (_, i) => i === 0 ? 9 : 0);

/** Returns the chosen implementation of X25519. */
export const x25519: (choice: CryptoChoice) => KeyAgreement = chooser("X25519", {
  pure,
  node: nodeX25519,
  works: ({ publicKey, sharedSecret }) => {
    const secretKey = BASE.map((_, i) => 7 * i);
    const point = publicKey(secretKey);
    return equalBytes(point, pure.publicKey(secretKey)) &&
      equalBytes(sharedSecret(secretKey, point), pure.sharedSecret(secretKey, point));
  },
});

function nodeX25519(crypto: NodeCrypto): KeyAgreement {
  /** Multiplies a point. The import of a private key requires its `x`, but does not use it. */
  function multiply(secretKey: Uint8Array, point: Uint8Array): Uint8Array {
    const [d, x] = [secretKey, point].map(toBase64Url);
    const common = { kty: "OKP", crv: "X25519", x };
    const privateKey = crypto.createPrivateKey({ key: { ...common, d }, format: "jwk" });
    const publicKey = crypto.createPublicKey({ key: common, format: "jwk" });
    return plainBytes(crypto.diffieHellman({ privateKey, publicKey }));
  }

  const publicKey = (secretKey: Uint8Array) =>
    secretKey.length === SIZE ? multiply(secretKey, BASE) : pure.publicKey(secretKey);

  return {
    generateKeyPair(random = randomBytes) {
      const secretKey = random(SIZE);
      return { secretKey, publicKey: publicKey(secretKey) };
    },

    publicKey,

    sharedSecret(secretKey, peerKey) {
      try {
        const secret = multiply(secretKey, peerKey);
        if (secret.length === SIZE && secret.some((byte) => byte !== 0)) return secret;
      } catch {
        // a key of the wrong size, or of small order
      }
      return pure.sharedSecret(secretKey, peerKey);
    },
  };
}
