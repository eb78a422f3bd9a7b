/** The named groups of elliptic-curve Diffie-Hellman (RFC 8446 section 4.2.8.2, RFC 8422 section 5.1.1). */

import type { KeyAgreement } from "../../crypto/ec/key_agreement.ts";
import type { TlsOperations } from "../../crypto/operations.ts";
import { invalidShare, type NamedGroup, type NamedGroupName } from "./named_group.ts";

/** Returns X25519 (RFC 7748), then the NIST curves, the smallest first. */
export function diffieHellmanGroups({ x25519, p256, p384, p521 }: TlsOperations): NamedGroup[] {
  return [
    diffieHellman(0x001d, "x25519", x25519, 32),
    diffieHellman(0x0017, "secp256r1", p256, 65),
    diffieHellman(0x0018, "secp384r1", p384, 97),
    diffieHellman(0x0019, "secp521r1", p521, 133),
  ];
}

/** Returns a group whose public values have `shareLength` bytes. */
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
      throw invalidShare(name); // not on the curve, or a point of small order (RFC 8446 sections 4.2.8.2 and 7.4.2)
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
