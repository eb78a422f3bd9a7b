/** Parses the credentials of a peer, returns the key in them, and verifies them. */

import { CertificateError } from "../../errors.ts";
import { checkPublicKey, type RsaPublicKey } from "../../crypto/rsa/mod.ts";
import { parseCertificate } from "../../x509/certificate/certificate.ts";
import { parsePublicKey, type PublicKey } from "../../x509/keys/public_key.ts";
import { fatalAlert, refusedPeer } from "../alerts.ts";
import { type PeerCredentials, rsaBits, type VerifyPeer } from "./credentials.ts";

/** Returns the credentials of a peer that shows this chain of certificates in DER. */
export function peerCertificates(
  chain: readonly Uint8Array[],
  serverName: string | undefined,
  ocspResponse?: Uint8Array,
): PeerCredentials {
  return {
    type: "x509",
    chain: wellFormed(() => chain.map((der) => parseCertificate(der))),
    serverName,
    ocspResponse,
  };
}

/** Returns the credentials of a peer that shows this SubjectPublicKeyInfo in DER. */
export function peerRawKey(spki: Uint8Array): PeerCredentials {
  return { type: "raw", spki, publicKey: wellFormed(() => parsePublicKey(spki)) };
}

/**
 * Returns the peer's public key.
 *
 * @throws {ChannelError} If its type is not supported, or if it is an RSA key of less than `minimumBits`.
 */
function publicKeyOfPeer(peer: PeerCredentials, minimumBits: number): PublicKey {
  const key = peer.type === "raw" ? peer.publicKey : wellFormed(() => peer.chain[0].publicKey);
  if (key.type === "rsa" || key.type === "rsa-pss") {
    wellFormed(() => checkPublicKey(key, { allowWeak: true }));
  }
  const bits = rsaBits(key);
  if (bits < minimumBits) {
    const message = `the peer's RSA key has ${bits} bits, and at least ${minimumBits} are required`;
    throw fatalAlert("insufficient_security", message, "untrusted");
  }
  return key;
}

/** Returns the peer's public key. Throws if the key must not sign a handshake (RFC 8446 section 4.4.2.2). */
export function signingKeyOf(peer: PeerCredentials, minimumBits: number): PublicKey {
  const usage = peer.type === "x509" ? peer.chain[0].extensions.keyUsage : undefined;
  if (usage !== undefined && !usage.has("digitalSignature")) {
    throw refusedPeer(new CertificateError("key_usage", 0, "the peer's certificate is not for signatures"));
  }
  return publicKeyOfPeer(peer, minimumBits);
}

/** Returns the peer's RSA key. Throws for any other key, and for an RSA key that is for RSASSA-PSS only. */
export function rsaKeyOf(peer: PeerCredentials, minimumBits: number): RsaPublicKey {
  const key = publicKeyOfPeer(peer, minimumBits);
  if (key.type === "rsa") return key;
  const message = "the peer's key is not an RSA key for every use";
  throw fatalAlert("unsupported_certificate", message, "unsupported");
}

/** Calls `verifyPeer`, and converts a refusal to the fitting error and alert. */
export async function verifyPeerWith(verifyPeer: VerifyPeer, peer: PeerCredentials): Promise<void> {
  try {
    await verifyPeer(peer);
  } catch (cause) {
    throw refusedPeer(cause);
  }
}

function wellFormed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw refusedPeer(cause);
  }
}
