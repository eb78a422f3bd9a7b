/** What the handshake of a `certificate` or `key` session negotiated. */

import { ChannelError } from "../../../errors.ts";
import { lazyModule } from "../../../lazy_module.ts";
import { type MessageCodec, MessageDecoder, MessageEncoder } from "../../../message/codec.ts";
import type { PeerCredentials } from "../../../tls/credentials/credentials.ts";
import type { TlsSession } from "../../../tls/session.ts";
import type { Agreement } from "../../establish.ts";
import type { PeerInfo } from "../../info.ts";
import type { CertificateClient, CertificateServer } from "../certificate/options.ts";
import type { KeyClient, KeyServer } from "../key/options.ts";
import { peerKey } from "../key/verify.ts";
import { StreamCodec } from "./stream_codec.ts";
import { COMPRESSIBLE_MESSAGES, hasMessages } from "./suites.ts";

/** Returns what a session of these settings negotiated, and the codec for its messages. */
export async function tlsAgreement(
  { setting, ordinaryPeers }: (CertificateClient | KeyClient) | (CertificateServer | KeyServer),
  { info }: TlsSession,
  authenticated: boolean,
  maxMessageSize: number,
): Promise<Agreement> {
  const { alpnProtocol, peer, protocol, suite, keyBits, group, signatureScheme, handshake } = info;
  if (alpnProtocol === undefined && !ordinaryPeers) {
    throw new ChannelError(
      "not_offered",
      "the peer does not support fesa/1 messages, and ordinaryPeers is not set",
      {
        alert: "no_application_protocol",
        direction: "sent",
      },
    );
  }
  const stream = hasMessages(alpnProtocol) ? undefined : new StreamCodec();
  const isCompressible = alpnProtocol === COMPRESSIBLE_MESSAGES;
  return {
    info: {
      setting,
      protocol,
      cipherSuite: suite,
      keyBits,
      group,
      signatureScheme,
      alpnProtocol,
      framing: stream ? "none" : "fesa/1",
      compression: isCompressible ? "message" : "off",
      authenticated,
      peer: peer ? peerInfo(peer) : {},
      handshake,
    },
    ...(stream ? { encoder: stream, decoder: stream } : await codec(isCompressible, maxMessageSize)),
  };
}

const agreedCodec = lazyModule(() => import("../../../message/agreed_codec.ts"));

/** Returns the codec. Loads the code of compression only if compression was negotiated; it is off by default. */
async function codec(isCompressible: boolean, maxMessageSize: number): Promise<MessageCodec> {
  if (!isCompressible) return { encoder: new MessageEncoder(), decoder: new MessageDecoder(maxMessageSize) };
  const { messageCodec } = await agreedCodec();
  return messageCodec({ compression: "message", maxMessageSize });
}

function peerInfo(peer: PeerCredentials): PeerInfo {
  const { pin } = peerKey(peer);
  return peer.type === "x509" ? { certificates: peer.chain, pin } : { pin };
}
