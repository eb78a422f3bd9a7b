/** Targets: each message and extension of TLS. The first byte of an input says which. */
import { concat, toUtf8 } from "../../src/bytes.ts";
import { decodeAlert } from "../../src/tls/alerts.ts";
import { signingKeyOf } from "../../src/tls/credentials/peer.ts";
import * as extensions from "../../src/tls/handshake/extensions.ts";
import * as shares from "../../src/tls/handshake/key_share.ts";
import * as messages from "../../src/tls/handshake/messages.ts";
import * as versions from "../../src/tls/handshake/versions.ts";
import { contentLimit } from "../../src/tls/handshake/record_limit.ts";
import { decodePeerCredentials } from "../../src/tls/tls12/certificates.ts";
import * as tls12 from "../../src/tls/tls12/messages.ts";
import { decodeRekeyOffer } from "../../src/tls/tls12/rekey_extension.ts";
import * as tls13 from "../../src/tls/tls13/messages.ts";
import { exportPublicKey } from "../../src/x509/mod.ts";
import { rsa1024 } from "../_kit/keys.ts";
import { makeRoot } from "../x509/_make.ts";
import type { FuzzTarget } from "./_target.ts";

/** A decoder, with an input that it accepts. */
type Decoder = readonly [decode: (body: Uint8Array) => unknown, sample: Uint8Array];

const certificate = makeRoot("CN=Root", rsa1024).der;
const spki = exportPublicKey({ type: "rsa", n: rsa1024.n, e: rsa1024.e });
const key = new Uint8Array(32).fill(5);
const random = new Uint8Array(32).fill(6);
const schemes = extensions.encodeSignatureSchemes([0x0403, 0x0804]);
const someExtensions: extensions.Extensions = new Map([
  [extensions.ExtensionType.serverName, extensions.encodeServerName("host.example")],
  [extensions.ExtensionType.signatureAlgorithms, schemes],
]);
const hello = { version: 0x0303, random, sessionId: key, extensions: someExtensions };

function peerKey(type: extensions.CertificateType, body: Uint8Array): void {
  const peer = decodePeerCredentials(type, body);
  if (peer) signingKeyOf(peer, 1024);
}

const MESSAGES: readonly Decoder[] = [
  [
    messages.decodeClientHello,
    messages.encodeClientHello({
      ...hello,
      cipherSuites: [0x1301, 0x009d],
      compressionMethods: Uint8Array.of(0),
    }),
  ],
  [
    messages.decodeServerHello,
    messages.encodeServerHello({ ...hello, cipherSuite: 0x1301, compressionMethod: 0 }),
  ],
  [tls12.decodeCertificateChain, tls12.encodeCertificateChain([certificate, certificate])],
  [tls12.decodeRawPublicKey, tls12.encodeRawPublicKey(spki)],
  [messages.decodeCertificateStatus, messages.encodeCertificateStatus(key)],
  [
    tls12.decodeCertificateRequest,
    Uint8Array.of(1, 1, 0, 4, 4, 3, 8, 4, 0, 0),
  ],
  [messages.decodeCertificateVerify, messages.encodeCertificateVerify(0x0804, key)],
  [tls13.decodeEncryptedExtensions, tls13.encodeEncryptedExtensions(someExtensions)],
  [tls13.decodeCertificateRequest, tls13.encodeCertificateRequest(someExtensions)],
  [tls13.decodeCertificate, tls13.encodeCertificate([{ data: certificate, extensions: someExtensions }])],
  [tls13.decodeKeyUpdate, tls13.encodeKeyUpdate(true)],
  [tls13.checkNewSessionTicket, Uint8Array.of(0, 0, 0, 9, 1, 2, 3, 4, 1, 0, 0, 1, 7, 0, 0)],
  [
    (body) => peerKey("x509", body),
    tls12.encodeCertificateChain([certificate]),
  ],
  [(body) => peerKey("raw", body), tls12.encodeRawPublicKey(spki)],
  [decodeAlert, Uint8Array.of(2, 40)],
];

const EXTENSIONS: readonly Decoder[] = [
  [extensions.asksForOcsp, extensions.OCSP_STATUS_REQUEST],
  [extensions.decodeServerName, extensions.encodeServerName("host.example")],
  [extensions.decodeAlpn, extensions.encodeAlpn(["fesa/1", "h2"])],
  [extensions.decodeSignatureSchemes, schemes],
  [extensions.takesUncompressedPoints, extensions.UNCOMPRESSED_POINTS],
  [extensions.decodeCertificateTypes, extensions.encodeCertificateTypes(["raw", "x509"])],
  [extensions.decodeCertificateType, extensions.encodeCertificateType("raw")],
  [(data) => contentLimit(data, 0x0304), extensions.encodeRecordSizeLimit(1000)],
  [extensions.checkRenegotiationInfo, extensions.INITIAL_RENEGOTIATION_INFO],
  [shares.decodeSupportedGroups, shares.encodeSupportedGroups([29, 23])],
  [shares.decodeClientShares, shares.encodeClientShares([{ group: 29, share: key }])],
  [shares.decodeServerShare, shares.encodeServerShare({ group: 29, share: key })],
  [shares.decodeSelectedGroup, shares.encodeSelectedGroup(29)],
  [shares.checkCookie, concat(Uint8Array.of(0, 6), toUtf8("cookie"))],
  [versions.decodeSupportedVersions, versions.encodeSupportedVersions([0x0304, 0x0303])],
  [versions.decodeSelectedVersion, versions.encodeSelectedVersion(0x0304)],
  [decodeRekeyOffer, Uint8Array.of(0)],
];

function oneOf(name: string, decoders: readonly Decoder[]): FuzzTarget {
  return {
    name,
    seeds: decoders.map(([, sample], index) => concat(Uint8Array.of(index), sample)),
    run: ([which, ...body]) => decoders[(which ?? 0) % decoders.length][0](Uint8Array.from(body)),
  };
}

export const TLS_TARGETS: readonly FuzzTarget[] = [
  oneOf("tls messages", MESSAGES),
  oneOf("tls extensions", EXTENSIONS),
];
