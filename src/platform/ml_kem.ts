/** ML-KEM-768. */

import { concat, equalBytes, fromHex, toHex } from "../bytes.ts";
import { type KeyEncapsulation, mlKem768 as pure } from "../crypto/mlkem/encapsulation.ts";
import { checkSize, CIPHERTEXT_SIZE, PUBLIC_KEY_SIZE, SEED_SIZE } from "../crypto/mlkem/kem.ts";
import { randomBytes } from "../crypto/random.ts";
import { chooser, type CryptoChoice } from "./choose.ts";
import { type NodeCrypto, plainBytes } from "./node_crypto.ts";

/** The bytes before the seed in PKCS#8, and before the key in a SubjectPublicKeyInfo (RFC 9935 sections 4 and 6). */
const PKCS8_HEAD: Uint8Array = fromHex("3054020100300b060960864801650304040204428040");
const SPKI_HEAD: Uint8Array = fromHex("308204b2300b0609608648016503040402038204a100");

/**
 * Returns the chosen implementation of ML-KEM-768. The known answers are those of the reference implementation for the seed
 * 00 01 02 …: the beginning of the public key, and the secret of a rejected ciphertext.
 */
export const mlKem768: (choice: CryptoChoice) => KeyEncapsulation = chooser("ML-KEM-768", {
  pure,
  node: nodeMlKem,
  works: ({ generateKeyPair, encapsulate }) => {
    const { publicKey, decapsulate } = generateKeyPair((length) => Uint8Array.from({ length }, (_, i) => i));
    const { cipherText, sharedSecret } = encapsulate(publicKey, randomBytes);
    const [begin, rejected] = [publicKey.subarray(0, 32), decapsulate(new Uint8Array(CIPHERTEXT_SIZE))];
    return toHex(begin) === "298aa10d423c8dda069d02bc59e6cdf03a096b8b3da4cab9b80ca4a14907672c" &&
      toHex(rejected) === "c8fbeddafdacef2ffeb8b354ea644f11b5c150f3e2c4a74ce38abba8f854ae16" &&
      equalBytes(decapsulate(cipherText), sharedSecret);
  },
});

/** Returns ML-KEM-768 of `node:crypto`, which encapsulates with its own random numbers. */
function nodeMlKem(crypto: NodeCrypto): KeyEncapsulation {
  return {
    generateKeyPair(random) {
      const key = concat(PKCS8_HEAD, random(SEED_SIZE));
      const privateKey = crypto.createPrivateKey({ key, format: "der", type: "pkcs8" });
      const exported = crypto.createPublicKey(privateKey).export({ format: "der", type: "spki" });
      return {
        publicKey: plainBytes(exported).subarray(SPKI_HEAD.length),
        decapsulate(cipherText) {
          checkSize("cipherText", cipherText, CIPHERTEXT_SIZE);
          return plainBytes(crypto.decapsulate(privateKey, cipherText));
        },
      };
    },

    encapsulate(publicKey, random) {
      checkSize("publicKey", publicKey, PUBLIC_KEY_SIZE);
      try {
        const key = concat(SPKI_HEAD, publicKey);
        const imported = crypto.createPublicKey({ key, format: "der", type: "spki" });
        const { ciphertext, sharedKey } = crypto.encapsulate(imported);
        return { cipherText: plainBytes(ciphertext), sharedSecret: plainBytes(sharedKey) };
      } catch {
        return pure.encapsulate(publicKey, random); // throws the error that says what is wrong
      }
    },
  };
}
