/** ECDH and ECDSA on the NIST curves. src/crypto/ec checks keys first, so that both implementations refuse the same ones. */

import { bigIntToBytes, bytesToBigInt } from "../bigint.ts";
import { concat, equalBytes, fromHex, toBase64Url, toUtf8 } from "../bytes.ts";
import { p256 as pureP256, p384 as pureP384, p521 as pureP521 } from "../crypto/ec/ecdh.ts";
import { type EcdsaPrimitives, PURE_ECDSA } from "../crypto/ec/ecdsa.ts";
import type { KeyAgreement } from "../crypto/ec/key_agreement.ts";
import { type EcPrivateKey, type EcPublicKey, randomScalar, secretScalar } from "../crypto/ec/keys.ts";
import { curveByName, type CurveName, decodePoint, encodePoint } from "../crypto/ec/weierstrass.ts";
import type { HashName } from "../crypto/hash.ts";
import { ecMembers } from "../crypto/jwk_members.ts";
import { chooser, type CryptoChoice } from "./choose.ts";
import { type Ecdh, type KeyObject, type KeyUse, type NodeCrypto, plainBytes } from "./node_crypto.ts";

/** OpenSSL's names of the curves. */
const CURVES: Readonly<Record<CurveName, string>> = {
  "P-256": "prime256v1",
  "P-384": "secp384r1",
  "P-521": "secp521r1",
};

/** Returns ECDH on P-256. */
export const p256: (choice: CryptoChoice) => KeyAgreement = ecdh("P-256", pureP256);
/** Returns ECDH on P-384. */
export const p384: (choice: CryptoChoice) => KeyAgreement = ecdh("P-384", pureP384);
/** Returns ECDH on P-521. */
export const p521: (choice: CryptoChoice) => KeyAgreement = ecdh("P-521", pureP521);

function ecdh(curve: CurveName, pure: KeyAgreement): (choice: CryptoChoice) => KeyAgreement {
  return chooser(curve, {
    pure,
    node: (crypto) => nodeEcdh(crypto, curve),
    works: ({ publicKey, sharedSecret }) => {
      const { size, generator } = curveByName(curve);
      const [one, two, three] = [1n, 2n, 3n].map((scalar) => bigIntToBytes(scalar, size));
      return equalBytes(publicKey(one), encodePoint(curveByName(curve), generator)) &&
        equalBytes(sharedSecret(two, publicKey(three)), sharedSecret(three, publicKey(two))) &&
        equalBytes(sharedSecret(one, publicKey(two)), publicKey(two).subarray(1, 1 + size));
    },
  });
}

function nodeEcdh(crypto: NodeCrypto, curve: CurveName): KeyAgreement {
  function sideOf(secretKey: Uint8Array): Ecdh {
    secretScalar(curve, secretKey);
    const side = crypto.createECDH(CURVES[curve]);
    side.setPrivateKey(secretKey);
    return side;
  }

  const publicKey = (secretKey: Uint8Array) => plainBytes(sideOf(secretKey).getPublicKey());

  return {
    generateKeyPair(random) {
      const secretKey = randomScalar(curve, random);
      return { secretKey, publicKey: publicKey(secretKey) };
    },

    publicKey,

    sharedSecret(secretKey, peerKey) {
      decodePoint(curveByName(curve), peerKey);
      return plainBytes(sideOf(secretKey).computeSecret(peerKey));
    },
  };
}

/** Returns the chosen implementation of ECDSA. The known answer is RFC 6979 appendix A.2.5, P-256, SHA-256, `sample`. */
export const ecdsa: (choice: CryptoChoice) => EcdsaPrimitives = chooser("ECDSA", {
  pure: PURE_ECDSA,
  node: nodeEcdsa,
  works: ({ sign, verify }) => {
    const key: EcPrivateKey = {
      type: "ec",
      curve: "P-256",
      d: fromHex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"),
      point: fromHex(
        "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6" +
          "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
      ),
    };
    const [sample, test] = ["sample", "test"].map(toUtf8);
    const signature = {
      r: 0xefd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716n,
      s: 0xf7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8n,
    };
    return verify(key, "SHA-256", sample, signature) && !verify(key, "SHA-256", test, signature) &&
      verify(key, "SHA-256", test, sign(key, "SHA-256", test));
  },
});

/**
 * Returns ECDSA of `node:crypto`, which makes the nonces. The reference implementation computes what the runtime lacks, such
 * as P-521 on Deno.
 */
function nodeEcdsa(crypto: NodeCrypto): EcdsaPrimitives {
  return {
    sign(key, hash, data) {
      secretScalar(key.curve, key.d);
      let signature: Uint8Array;
      try {
        const jwk = { ...publicJwk(key), d: toBase64Url(key.d) };
        signature = crypto.sign(
          opensslName(hash),
          data,
          ieee(crypto.createPrivateKey({ key: jwk, format: "jwk" })),
        );
      } catch {
        return PURE_ECDSA.sign(key, hash, data);
      }
      const half = signature.length / 2;
      return { r: bytesToBigInt(signature.subarray(0, half)), s: bytesToBigInt(signature.subarray(half)) };
    },

    verify(key, hash, data, signature) {
      const { size, n } = curveByName(key.curve);
      decodePoint(curveByName(key.curve), key.point);
      const { r, s } = signature;
      if (r <= 0n || r >= n || s <= 0n || s >= n) return false;
      const bytes = concat(bigIntToBytes(r, size), bigIntToBytes(s, size));
      try {
        const imported = crypto.createPublicKey({ key: publicJwk(key), format: "jwk" });
        return crypto.verify(opensslName(hash), data, ieee(imported), bytes);
      } catch {
        return PURE_ECDSA.verify(key, hash, data, signature);
      }
    },
  };
}

function publicJwk(key: EcPublicKey): Readonly<Record<string, string>> {
  return { kty: "EC", ...ecMembers(key) };
}

/** Returns a key for signatures in the format of IEEE P1363: r followed by s. */
function ieee(key: KeyObject): KeyUse {
  return { key, dsaEncoding: "ieee-p1363" };
}

/** Returns OpenSSL's name of a hash function: `sha512-256` for `SHA-512/256`. */
function opensslName(hash: HashName): string {
  return hash.toLowerCase().replace("-", "").replace("/", "-");
}
