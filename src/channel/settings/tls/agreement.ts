/** What a session of the settings `certificate` and `key` settled. */

import { ChannelError } from "../../../errors.ts";
import { load } from "../../../load.ts";
import { type MessageCodec, MessageDecoder, MessageEncoder } from "../../../message/codec.ts";
import { MessageCompressor } from "../../../message/compress.ts";
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
export async function tlsAgreement(
  { setting, ordinaryPeers }: (CertificateClient | KeyClient) | (CertificateServer | KeyServer),
  { info }: TlsSession,
  authenticated: boolean,
  maxMessageSize: number,
): Promise<Agreement> {
  const { alpnProtocol, peer, protocol, suite, keyBits, handshake } = info;
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
      framing: stream ? "none" : "fesa/1",
      compression,
      authenticated,
      peer: peer ? peerInfo(peer) : {},
      handshake,
    },
    ...(stream ? { encoder: stream, decoder: stream } : await codec(compression, maxMessageSize)),
  };
}

/** These settings compress only where both sides ask for it, and never behind a window, so they carry neither. */
async function codec(compression: "off" | "message", maxMessageSize: number): Promise<MessageCodec> {
  if (compression === "off") {
    return { encoder: new MessageEncoder(), decoder: new MessageDecoder(maxMessageSize) };
  }
  const { Inflater } = await load(import("../../../message/inflate.ts"));
  return {
    encoder: new MessageEncoder(new MessageCompressor()),
    decoder: new MessageDecoder(maxMessageSize, compression, new Inflater(maxMessageSize)),
  };
}

function peerInfo(peer: PeerCredentials): PeerInfo {
  const { pin } = peerKey(peer);
  return peer.type === "x509" ? { certificates: peer.chain, pin } : { pin };
}
