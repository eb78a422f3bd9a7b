/** Verifies peers by their keys, with or without a certificate. */

import { ChannelError } from "../../../errors.ts";
import type { PeerCredentials, VerifyPeer } from "../../../tls/credentials/credentials.ts";
import type { TlsSession } from "../../../tls/session.ts";
import { pinOf } from "../../../x509/certificate/certificate.ts";
import type { KeyTrust, PeerKey } from "./trust.ts";

/** Returns a function that verifies a peer by its key. */
export function verifyByKey(trust: KeyTrust): VerifyPeer {
  return async (peer) => {
    if (trust === "anyone" || await trust.check(peerKey(peer))) return;
    throw new ChannelError("untrusted", "the peer's key was not accepted");
  };
}

/** Lets the check store the key, after the peer has proved that it has the private key. */
export async function rememberKey(trust: KeyTrust, { info: { peer } }: TlsSession): Promise<void> {
  if (trust === "anyone" || peer === undefined) return;
  try {
    await trust.remember?.(peerKey(peer));
  } catch (cause) {
    if (cause instanceof ChannelError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ChannelError("aborted", `the peer's key could not be remembered: ${reason}`, { cause });
  }
}

/** Returns the peer's key. For a self-signed certificate it is the key in it, so the pin is the same as for the raw key. */
export function peerKey(peer: PeerCredentials): PeerKey {
  const { spki } = peer.type === "raw" ? peer : peer.chain[0];
  return { pin: pinOf(spki), spki };
}
