/** X25519MLKEM768: ML-KEM-768 combined with X25519, secure unless both are broken (draft-ietf-tls-ecdhe-mlkem section 4). */

import { concat } from "../../bytes.ts";
import type { KeyEncapsulation } from "../../crypto/mlkem/encapsulation.ts";
import { CIPHERTEXT_SIZE, type Encapsulated, PUBLIC_KEY_SIZE } from "../../crypto/mlkem/kem.ts";
import type { RandomBytes } from "../../crypto/random.ts";
import { invalidShare, type NamedGroup } from "./named_group.ts";

const NAME = "X25519MLKEM768";
const X25519_SIZE = 32;

/**
 * Returns the group X25519MLKEM768. The client's share has 1216 bytes, the server's 1120 and the secret 64; the ML-KEM part
 * comes first in each.
 */
export function hybridGroup(mlKem: KeyEncapsulation, x25519: NamedGroup): NamedGroup {
  return {
    id: 0x11ec,
    name: NAME,
    tls13Only: true,
    generate(random) {
      const { publicKey, decapsulate } = mlKem.generateKeyPair(random);
      const classical = x25519.generate(random);
      return {
        share: concat(publicKey, classical.share),
        fallback: { group: x25519, exchange: classical },
        finish(peerShare) {
          const [cipherText, peerPublic] = split(peerShare, CIPHERTEXT_SIZE);
          return concat(decapsulate(cipherText), classical.finish(peerPublic));
        },
      };
    },
    respond(peerShare, random) {
      const [publicKey, peerPublic] = split(peerShare, PUBLIC_KEY_SIZE);
      const { cipherText, sharedSecret } = encapsulateFor(mlKem, publicKey, random);
      const classical = x25519.respond(peerPublic, random);
      return { share: concat(cipherText, classical.share), secret: concat(sharedSecret, classical.secret) };
    },
  };
}

/** Splits a share into the ML-KEM part, which has `size` bytes, and the X25519 part. */
function split(share: Uint8Array, size: number): [Uint8Array, Uint8Array] {
  if (share.length !== size + X25519_SIZE) throw invalidShare(NAME);
  return [share.subarray(0, size), share.subarray(size)];
}

/** Checks the encapsulation key as FIPS 203 section 7.2 requires, and encapsulates. */
function encapsulateFor(mlKem: KeyEncapsulation, publicKey: Uint8Array, random: RandomBytes): Encapsulated {
  try {
    return mlKem.encapsulate(publicKey, random);
  } catch {
    throw invalidShare(NAME);
  }
}
