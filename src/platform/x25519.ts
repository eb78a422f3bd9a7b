/** X25519. */

import { concat, equalBytes, fromBase64Url, fromHex, toBase64Url } from "../bytes.ts";
import type { KeyAgreement } from "../crypto/ec/key_agreement.ts";
import { BASE, checkX25519Key, x25519 as pure } from "../crypto/ec/x25519.ts";
import { randomBytes } from "../crypto/random.ts";
import { chooser, type CryptoChoice } from "./choose.ts";
import { type KeyObject, type NodeCrypto, plainBytes } from "./node_crypto.ts";

const SIZE = 32;

/** The bytes before the 32 secret bytes in PKCS#8 (RFC 8410 section 7). */
const PKCS8_HEAD: Uint8Array = fromHex("302e020100300506032b656e04220420");

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
  const importSecret = secretImport(crypto);
  /**
   * The keys of the pairs made by this implementation. Importing such a key again would cost another scalar multiplication.
   */
  const made = new WeakMap<Uint8Array, KeyObject>();

  return {
    generateKeyPair(random = randomBytes) {
      const secretKey = random(SIZE);
      const key = importSecret(secretKey);
      made.set(secretKey, key);
      return { secretKey, publicKey: exportPublic(key) };
    },

    publicKey(secretKey) {
      checkX25519Key(secretKey);
      return exportPublic(importSecret(secretKey));
    },

    sharedSecret(secretKey, peerKey) {
      checkX25519Key(secretKey);
      checkX25519Key(peerKey);
      try {
        const privateKey = made.get(secretKey) ?? importSecret(secretKey);
        const publicKey = crypto.createPublicKey({ key: jwk(peerKey), format: "jwk" });
        const secret = plainBytes(crypto.diffieHellman({ privateKey, publicKey }));
        if (secret.some((byte) => byte !== 0)) return secret;
      } catch {
        // some runtimes refuse a key of small order
      }
      return pure.sharedSecret(secretKey, peerKey);
    },
  };
}

/**
 * Returns a function that imports a secret key. It imports a JWK if the runtime ignores a wrong `x`, as Node 20 and 22 do,
 * and otherwise PKCS#8, which takes ten times as long on Node 20.
 */
function secretImport(crypto: NodeCrypto): (secretKey: Uint8Array) => KeyObject {
  const byJwk = (secretKey: Uint8Array) =>
    crypto.createPrivateKey({ key: { ...jwk(BASE), d: toBase64Url(secretKey) }, format: "jwk" });
  try {
    byJwk(BASE);
    return byJwk;
  } catch {
    return (secretKey) =>
      crypto.createPrivateKey({ key: concat(PKCS8_HEAD, secretKey), format: "der", type: "pkcs8" });
  }
}

function exportPublic(key: KeyObject): Uint8Array {
  return fromBase64Url(key.export({ format: "jwk" }).x!);
}

function jwk(publicKey: Uint8Array): Readonly<Record<string, string>> {
  return { kty: "OKP", crv: "X25519", x: toBase64Url(publicKey) };
}
