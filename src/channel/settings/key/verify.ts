/** Verifies peers by their keys, whatever vouches for those. */

import { ChannelError } from "../../../errors.ts";
import type { PeerCredentials, VerifyPeer } from "../../../tls/credentials/credentials.ts";
import type { TlsSession } from "../../../tls/session.ts";
import { pinOf } from "../../../x509/certificate/certificate.ts";
import type { KeyTrust, PeerKey } from "./trust.ts";

/** Verifies a peer by its key. */
export function verifyByKey(trust: KeyTrust): VerifyPeer {
  return async (peer) => {
    if (trust === "anyone" || await trust.check(peerKey(peer))) return;
    throw new ChannelError("untrusted", "the peer's key was not accepted");
  };
}

/** Lets the check remember a key that the peer has now proved to hold. */
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

/** A self-signed certificate counts for its key alone, so a pin is the same either way. */
export function peerKey(peer: PeerCredentials): PeerKey {
  const { spki } = peer.type === "raw" ? peer : peer.chain[0];
  return { pin: pinOf(spki), spki };
}
