/** The named groups of (EC)DHE key exchange (RFC 8446 section 4.2.7, RFC 8422 section 5.1.1). */

import { p256, p384, p521 } from "../../crypto/ec/ecdh.ts";
import type { KeyAgreement } from "../../crypto/ec/key_agreement.ts";
import { x25519 } from "../../crypto/ec/x25519.ts";
import type { RandomBytes } from "../../crypto/random.ts";
import { fatalAlert } from "../alerts.ts";

/** The IANA name of a named group that this library knows. */
export type NamedGroupName = "x25519" | "secp256r1" | "secp384r1" | "secp521r1";

/** What a side keeps that began a key exchange. */
export interface OfferedShare {
  /** The public value to send. */
  readonly share: Uint8Array;
  /** Returns the shared secret for the peer's public value; throws `illegal_parameter` if that value is invalid. */
  finish(peerShare: Uint8Array): Uint8Array;
}

/** What the side that answers gets at once. */
export interface Response {
  /** The public value to send back. */
  readonly share: Uint8Array;
  readonly secret: Uint8Array;
}

/**
 * A named group. One side begins with `generate`, the other answers with `respond`: that is Diffie-Hellman, and it is a key
 * encapsulation too, where the answer depends on what it answers.
 */
export interface NamedGroup {
  readonly id: number;
  readonly name: NamedGroupName;
  /** Begins a key exchange. */
  generate(random: RandomBytes): OfferedShare;
  /** Answers the peer's public value; throws `illegal_parameter` if that value is invalid. */
  respond(peerShare: Uint8Array, random: RandomBytes): Response;
}

/** The groups, the most preferred first. */
export const NAMED_GROUPS: readonly NamedGroup[] = [
  diffieHellman(0x001d, "x25519", x25519, 32),
  diffieHellman(0x0017, "secp256r1", p256, 65),
  diffieHellman(0x0018, "secp384r1", p384, 97),
  diffieHellman(0x0019, "secp521r1", p521, 133),
];

/** A Diffie-Hellman group whose public values have `shareLength` bytes (RFC 8446 section 4.2.8.2). */
function diffieHellman(
  id: number,
  name: NamedGroupName,
  agreement: KeyAgreement,
  shareLength: number,
): NamedGroup {
  const agree = (secretKey: Uint8Array, peerShare: Uint8Array) => {
    if (peerShare.length !== shareLength) throw invalidShare(name);
    try {
      return agreement.sharedSecret(secretKey, peerShare);
    } catch {
      throw invalidShare(name); // not on the curve, or of small order (RFC 8446 sections 4.2.8.2 and 7.4.2)
    }
  };
  return {
    id,
    name,
    generate(random) {
      const { secretKey, publicKey } = agreement.generateKeyPair(random);
      return { share: publicKey, finish: (peerShare) => agree(secretKey, peerShare) };
    },
    respond(peerShare, random) {
      const { secretKey, publicKey } = agreement.generateKeyPair(random);
      return { share: publicKey, secret: agree(secretKey, peerShare) };
    },
  };
}

function invalidShare(name: NamedGroupName): Error {
  return fatalAlert("illegal_parameter", `the peer's ${name} key share is invalid`);
}
