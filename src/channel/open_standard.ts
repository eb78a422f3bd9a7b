/** The settings `certificate` and `key`: what TLS is asked to do, and what it settled. */

import type { RsaPrivateKey } from "../crypto/rsa/mod.ts";
import { ChannelError } from "../errors.ts";
import { type Compression, MessageDecoder, MessageEncoder } from "../message/codec.ts";
import type { CipherSuiteName } from "../tls/cipher_suites.ts";
import type { PeerIdentity, Trust } from "../tls/identity.ts";
import type { ClientOptions, ServerIdentity } from "../tls/options.ts";
import type { TlsSession } from "../tls/session.ts";
import { trustRoots } from "../tls/trust.ts";
import { type Certificate, parseCertificates, pinOf } from "../x509/certificate.ts";
import { createSelfSignedCertificate } from "../x509/issue.ts";
import { parsePrivateKey } from "../x509/private_key.ts";
import { parseRevocationLists } from "../x509/revocation_list.ts";
import type { Agreement } from "./establish.ts";
import type { PeerInfo } from "./info.ts";
import type {
  Algorithm,
  CertificateClient,
  CertificateServer,
  ChainTrust,
  ClientTrust,
  KeyClient,
  KeyServer,
  OpenStandardOptions,
  OwnKey,
} from "./security.ts";
import { StreamCodec } from "./stream_codec.ts";
import type { KeyTrust, PeerKey } from "./trust.ts";

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

/** What TLS does for a client of these settings. */
export function tlsClientOptions(security: CertificateClient | KeyClient): ClientOptions {
  if (security.setting === "certificate" && !security.serverName) {
    throw new TypeError("the setting certificate needs a serverName");
  }
  const { algorithm = "AES", identity, minimumKeyBits, keyLog, rekey, serverName } = security;
  return {
    suites: algorithm === "either" ? [...SUITES.AES, ...SUITES["3DES"]] : SUITES[algorithm],
    alpnProtocols: applicationProtocols(security),
    minimumKeyBits,
    keyLog,
    rekey,
    serverName,
    identity: identity && { key: privateKey(identity), certificates: chain(identity) },
    ...(security.setting === "key"
      ? { trust: keyTrust(security.trust), certificateTypes: ["raw", "x509"] }
      : { trust: chainTrust(security, "server", minimumKeyBits), certificateTypes: ["x509"] }),
  };
}

/** Made once for each offer, since `accept` is called for every connection. */
const identities = new WeakMap<CertificateServer | KeyServer, ServerIdentity>();

/** Who a server is where it makes this offer. */
export function serverIdentity(offer: CertificateServer | KeyServer): ServerIdentity {
  let identity = identities.get(offer);
  if (identity === undefined) identities.set(offer, identity = makeServerIdentity(offer));
  return identity;
}

function makeServerIdentity(offer: CertificateServer | KeyServer): ServerIdentity {
  const { algorithm = "AES", minimumKeyBits, keyLog, rekey, clients } = offer;
  const key = privateKey(offer);
  return {
    key,
    // For peers without RFC 7250; the pin of the key is the same either way.
    certificates: offer.setting === "key"
      ? [createSelfSignedCertificate(key, { subject: "CN=FESA key" })]
      : chain(offer),
    rawKey: offer.setting === "key",
    ocspResponse: offer.setting === "certificate" ? offer.ocspResponse : undefined,
    suites: SUITES[algorithm],
    alpnProtocols: applicationProtocols(offer),
    minimumKeyBits,
    keyLog,
    rekey,
    clientAuthentication: clients && {
      trust: clientTrust(clients, minimumKeyBits),
      certificateTypes: "roots" in clients ? ["x509"] : ["raw", "x509"],
    },
  };
}

/** What a session of these settings settled, and how messages pass through it. */
export function tlsAgreement(
  { setting, ordinaryPeers }: (CertificateClient | KeyClient) | (CertificateServer | KeyServer),
  { info }: TlsSession,
  authenticated: boolean,
  maxMessageSize: number,
): Agreement {
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
  const compression: Compression = alpnProtocol === COMPRESSIBLE_MESSAGES ? "message" : "off";
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
    encoder: stream ?? new MessageEncoder({ compression }),
    decoder: stream ?? new MessageDecoder({ compression, maxMessageSize }),
  };
}

/** Lets the check remember a key that the peer has now proved to hold. */
export async function rememberKey(trust: KeyTrust, { info: { peer } }: TlsSession): Promise<void> {
  if (trust !== "anyone" && peer !== undefined) await trust.remember?.(peerKey(peer));
}

function applicationProtocols({ compression = "off" }: OpenStandardOptions): string[] {
  return compression === "message" ? [COMPRESSIBLE_MESSAGES, MESSAGES] : [MESSAGES];
}

function clientTrust(clients: ClientTrust, minimumKeyBits: number | undefined): Trust {
  return "roots" in clients ? chainTrust(clients, "client", minimumKeyBits) : keyTrust(clients.trust);
}

function chainTrust(
  { roots, crls, revocation }: ChainTrust,
  usage: "server" | "client",
  minimumRsaBits: number | undefined,
): Trust {
  return trustRoots(typeof roots === "string" ? parseCertificates(roots) : roots, {
    usage,
    minimumRsaBits,
    crls: typeof crls === "string" ? parseRevocationLists(crls) : crls,
    revocation,
  });
}

function keyTrust(trust: KeyTrust): Trust {
  return async (peer) => {
    if (trust === "anyone" || await trust.check(peerKey(peer))) return;
    throw new ChannelError("untrusted", "the peer's key was not accepted");
  };
}

/** A self-signed certificate counts for its key alone, so a pin is the same either way. */
function peerKey(peer: PeerIdentity): PeerKey {
  const { spki } = peer.type === "raw" ? peer : peer.chain[0];
  return { pin: pinOf(spki), spki };
}

function peerInfo(peer: PeerIdentity): PeerInfo {
  const { pin } = peerKey(peer);
  return peer.type === "x509" ? { certificates: peer.chain, pin } : { pin };
}

function privateKey({ key }: OwnKey): RsaPrivateKey {
  return typeof key === "string" ? parsePrivateKey(key) : key;
}

function chain({ certificates }: OwnKey): readonly Certificate[] | undefined {
  return typeof certificates === "string" ? parseCertificates(certificates) : certificates;
}
