/** X25519MLKEM768: ML-KEM-768 beside X25519, so that both have to be broken (draft-ietf-tls-ecdhe-mlkem section 4). */

import { concat } from "../../bytes.ts";
import {
  CIPHERTEXT_SIZE,
  decapsulate,
  encapsulate,
  keygen,
  PUBLIC_KEY_SIZE,
  SEED_SIZE,
} from "../../crypto/mlkem/kem.ts";
import { invalidShare, type NamedGroup } from "./named_group.ts";

const NAME = "X25519MLKEM768";
const X25519_SIZE = 32;
const MESSAGE_SIZE = 32;

/** Returns the group. ML-KEM comes first in both shares and in the secret: 1216, 1120 and 64 bytes. */
export function hybridGroup(x25519: NamedGroup): NamedGroup {
  return {
    id: 0x11ec,
    name: NAME,
    fallback: "x25519",
    tls13Only: true,
    generate(random) {
      const { publicKey, secretKey } = keygen(random(SEED_SIZE));
      const classical = x25519.generate(random);
      return {
        share: concat(publicKey, classical.share),
        finish(peerShare) {
          const [cipherText, peerPublic] = split(peerShare, CIPHERTEXT_SIZE);
          return concat(decapsulate(cipherText, secretKey), classical.finish(peerPublic));
        },
      };
    },
    respond(peerShare, random) {
      const [publicKey, peerPublic] = split(peerShare, PUBLIC_KEY_SIZE);
      const { cipherText, sharedSecret } = encapsulateFor(publicKey, random(MESSAGE_SIZE));
      const classical = x25519.respond(peerPublic, random);
      return { share: concat(cipherText, classical.share), secret: concat(sharedSecret, classical.secret) };
    },
  };
}

/** The part of ML-KEM, of so many bytes, and that of X25519. */
function split(share: Uint8Array, size: number): [Uint8Array, Uint8Array] {
  if (share.length !== size + X25519_SIZE) throw invalidShare(NAME);
  return [share.subarray(0, size), share.subarray(size)];
}

/** The key has to pass the check of FIPS 203 section 7.2. */
function encapsulateFor(publicKey: Uint8Array, message: Uint8Array): ReturnType<typeof encapsulate> {
  try {
    return encapsulate(publicKey, message);
  } catch {
    throw invalidShare(NAME);
  }
}
