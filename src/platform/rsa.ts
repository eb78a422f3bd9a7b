/**
 * RSA's primitives by `node:crypto` or by the reference implementation. With both, src/crypto/rsa makes and checks the
 * padding.
 */

import { bigIntToBytes, bytesToBigInt } from "../bigint.ts";
import { rsaMembers } from "../crypto/jwk_members.ts";
import {
  checkPrivateKey,
  checkPublicKey,
  modulusLength,
  type RsaNumbers,
  type RsaPrivateNumbers,
} from "../crypto/rsa/key.ts";
import { isRepresentative, PURE_RSA, type RsaPrimitives } from "../crypto/rsa/raw.ts";
import { publicPower } from "../crypto/rsa/power.ts";
import { chooser, type CryptoChoice } from "./choose.ts";
import { type KeyObject, type NodeCrypto, plainBytes } from "./node_crypto.ts";

/** A key as `node:crypto` holds it, or null if the reference implementation must use it. */
type Imported = KeyObject | null;

/** Returns the chosen implementation of RSA's primitives. Each key is tried when it is imported, so no probe is needed. */
export const rsa: (choice: CryptoChoice) => RsaPrimitives = chooser("RSA", {
  pure: PURE_RSA,
  node: nodeRsa,
  works: () => true,
});

/**
 * Returns the primitives of `node:crypto`. Keys are imported once. The reference implementation handles keys that `node:crypto`
 * does not accept or whose parts do not belong together, and blocks that are not below the modulus.
 */
function nodeRsa(crypto: NodeCrypto): RsaPrimitives {
  const publicKeys = new WeakMap<RsaNumbers, Imported>();
  const privateKeys = new WeakMap<RsaPrivateNumbers, Imported>();
  const padding = crypto.constants.RSA_NO_PADDING;

  const decrypt = (key: KeyObject, block: Uint8Array) =>
    plainBytes(crypto.privateDecrypt({ key, padding }, block));

  /** Imports a private key and tests it on one block. */
  function importPrivate(key: RsaPrivateNumbers): Imported {
    checkPrivateKey(key, { allowWeak: true });
    const imported = crypto.createPrivateKey({ key: { kty: "RSA", ...rsaMembers(key) }, format: "jwk" });
    const block = bigIntToBytes(key.n >> 1n, modulusLength(key));
    const power = bytesToBigInt(decrypt(imported, block));
    return publicPower(power, key.e, key.n) === key.n >> 1n ? imported : null;
  }

  function importPublic(key: RsaNumbers): Imported {
    checkPublicKey(key, { allowWeak: true });
    const { n, e } = key; // of a private key, its public half
    return crypto.createPublicKey({ key: { kty: "RSA", ...rsaMembers({ n, e }) }, format: "jwk" });
  }

  return {
    privateOperation(key, block, random) {
      const imported = remember(privateKeys, key, importPrivate);
      if (imported === null || !isRepresentative(key, block)) {
        return PURE_RSA.privateOperation(key, block, random);
      }
      return decrypt(imported, block);
    },

    publicOperation(key, block) {
      const imported = remember(publicKeys, key, importPublic);
      if (imported === null || !isRepresentative(key, block)) return PURE_RSA.publicOperation(key, block);
      return plainBytes(crypto.publicEncrypt({ key: imported, padding }, block));
    },
  };
}

function remember<Key extends object>(
  known: WeakMap<Key, Imported>,
  key: Key,
  importKey: (key: Key) => Imported,
): Imported {
  let imported = known.get(key);
  if (imported !== undefined) return imported;
  try {
    imported = importKey(key);
  } catch {
    imported = null; // the reference implementation accepts the key or says what is wrong
  }
  known.set(key, imported);
  return imported;
}
