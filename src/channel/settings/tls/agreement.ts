/** What a session of the settings `certificate` and `key` settled. */

import { ChannelError } from "../../../errors.ts";
import { messageCodec } from "../../../message/agreed_codec.ts";
import type { PeerCredentials } from "../../../tls/credentials/credentials.ts";
import type { TlsSession } from "../../../tls/session.ts";
import type { Agreement } from "../../establish.ts";
import type { PeerInfo } from "../../info.ts";
import type { CertificateClient, CertificateServer } from "../certificate/options.ts";
import type { KeyClient, KeyServer } from "../key/options.ts";
import { peerKey } from "../key/verify.ts";
import { StreamCodec } from "./stream_codec.ts";
import { COMPRESSIBLE_MESSAGES } from "./suites.ts";

/** What a session of these settings settled, and how messages pass through it. */
export function tlsAgreement(
  { setting, ordinaryPeers }: (CertificateClient | KeyClient) | (CertificateServer | KeyServer),
  { info }: TlsSession,
  authenticated: boolean,
  maxMessageSize: number,
): Agreement {
  const { alpnProtocol, peer, protocol, suite, keyBits, group, signatureScheme, handshake } = info;
  if (alpnProtocol === undefined && !ordinaryPeers) {
    throw new ChannelError(
      "not_offered",
      "the peer does not do fesa/1 messages, and ordinaryPeers is not set",
      {
        alert: "no_application_protocol",
        direction: "sent",
      },
    );
  }
  const compression = alpnProtocol === COMPRESSIBLE_MESSAGES ? "message" : "off";
  const stream = alpnProtocol === undefined ? new StreamCodec() : undefined;
  return {
    info: {
      setting,
      protocol,
      cipherSuite: suite,
      keyBits,
      group,
      signatureScheme,
      framing: stream ? "none" : "fesa/1",
      compression,
      authenticated,
      peer: peer ? peerInfo(peer) : {},
      handshake,
    },
    ...(stream ? { encoder: stream, decoder: stream } : messageCodec({ compression, maxMessageSize })),
  };
}

function peerInfo(peer: PeerCredentials): PeerInfo {
  const { pin } = peerKey(peer);
  return peer.type === "x509" ? { certificates: peer.chain, pin } : { pin };
}
