/** The settings `certificate` and `key`: what both sides ask of TLS, and what it settled. */

import { ChannelError } from "../../../errors.ts";
import { load } from "../../../load.ts";
import { type MessageCodec, MessageDecoder, MessageEncoder } from "../../../message/codec.ts";
import { MessageCompressor } from "../../../message/compress.ts";
import type { CipherSuiteName } from "../../../tls/cipher_suites.ts";
import type { Credentials, PeerCredentials, VerifyPeer } from "../../../tls/credentials/credentials.ts";
import type { TlsSession } from "../../../tls/session.ts";
import { type Certificate, parseCertificates, pinOf } from "../../../x509/certificate/certificate.ts";
import { parsePrivateKey } from "../../../x509/keys/key_file.ts";
import type { Agreement } from "../../establish.ts";
import type { PeerInfo } from "../../info.ts";
import type {
  Algorithm,
  CertificateClient,
  CertificateServer,
  KeyClient,
  KeyServer,
  OpenStandardOptions,
  OwnKey,
} from "../mod.ts";
import { StreamCodec } from "./stream_codec.ts";
import type { KeyTrust, PeerKey } from "../key/trust.ts";

/** The cipher suites of each algorithm, the best first. */
const SUITES: Readonly<Record<Algorithm, readonly CipherSuiteName[]>> = {
  "AES": [
    "TLS_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_RSA_WITH_AES_256_CBC_SHA256",
    "TLS_RSA_WITH_AES_256_CBC_SHA",
  ],
  "3DES": ["TLS_RSA_WITH_3DES_EDE_CBC_SHA"],
};

/** The application protocols (RFC 7301): messages, and messages that may be compressed each on its own. */
const MESSAGES = "fesa/1";
const COMPRESSIBLE_MESSAGES = "fesa/1z";

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

/** The cipher suites that an option's value stands for. */
export function suitesOf(algorithm: Algorithm = "AES"): readonly CipherSuiteName[] {
  if (!Object.hasOwn(SUITES, algorithm)) {
    throw new TypeError("algorithm is AES or 3DES; a client may also say either");
  }
  return SUITES[algorithm];
}

/** The application protocols to offer, the best first. */
export function applicationProtocols({ compression = "off" }: OpenStandardOptions): string[] {
  if (!["off", "message"].includes(compression)) {
    throw new TypeError("compression is off or message in this setting");
  }
  return compression === "message" ? [COMPRESSIBLE_MESSAGES, MESSAGES] : [MESSAGES];
}

/** Trust in keys, whatever vouches for them. */
export function keyTrust(trust: KeyTrust): VerifyPeer {
  return async (peer) => {
    if (trust === "anyone" || await trust.check(peerKey(peer))) return;
    throw new ChannelError("untrusted", "the peer's key was not accepted");
  };
}

/** A self-signed certificate counts for its key alone, so a pin is the same either way. */
function peerKey(peer: PeerCredentials): PeerKey {
  const { spki } = peer.type === "raw" ? peer : peer.chain[0];
  return { pin: pinOf(spki), spki };
}

function peerInfo(peer: PeerCredentials): PeerInfo {
  const { pin } = peerKey(peer);
  return peer.type === "x509" ? { certificates: peer.chain, pin } : { pin };
}

/** The key of this side, and the certificates that go with it. */
export function ownCredentials({ key, certificates }: OwnKey): Credentials {
  return {
    key: typeof key === "string" ? parsePrivateKey(key) : key,
    certificates: certificates === undefined ? undefined : certificatesOf(certificates, "certificates"),
  };
}

/** The certificates of an option; an empty list is a wrong file rather than a wish. */
export function certificatesOf(
  given: string | readonly Certificate[],
  option: "certificates" | "roots",
): readonly Certificate[] {
  const list = typeof given === "string" ? parseCertificates(given) : given;
  if (list.length === 0) throw new TypeError(`${option} holds no certificate`);
  return list;
}
