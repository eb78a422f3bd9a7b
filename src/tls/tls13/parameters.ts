/** The negotiated parameters of a handshake of TLS 1.3, and the steps common to both roles. */

import { handshakeCost } from "../../session.ts";
import type { PeerCredentials } from "../credentials/credentials.ts";
import type { SignatureSchemeName } from "../credentials/signature_schemes.ts";
import { checkFinished } from "../handshake/finished.ts";
import type { RecordLimits } from "../handshake/record_limit.ts";
import type { CertificateType } from "../handshake/extensions.ts";
import type { HandshakeLayer } from "../handshake/layer.ts";
import { HandshakeType } from "../handshake/messages.ts";
import type { TlsInfo } from "../info.ts";
import type { NamedGroup } from "../key_exchange/named_group.ts";
import { type KeyLog, keyLogLine } from "../key_log.ts";
import type { Tls13Suite } from "./cipher_suites.ts";
import {
  type ApplicationSecrets,
  applicationSecrets,
  type HandshakeSecrets,
  handshakeSecrets,
  verifyData,
} from "./key_schedule.ts";

/** What the hello messages and EncryptedExtensions negotiate. */
export interface Tls13Parameters {
  readonly suite: Tls13Suite;
  readonly group: NamedGroup;
  readonly serverName: string | undefined;
  readonly alpnProtocol: string | undefined;
  readonly serverCertificateType: CertificateType;
  /** The type of credentials that the server may request from the client. */
  readonly clientCertificateType: CertificateType;
  /** The limits of records, if both sides sent record_size_limit (RFC 8449). */
  readonly recordLimits: RecordLimits | undefined;
}

/** Returns the secrets that protect the rest of the handshake. The transcript must end with ServerHello. */
export function settleHandshakeSecrets(
  { transcript }: HandshakeLayer,
  { hash }: Tls13Suite,
  sharedSecret: Uint8Array,
  clientRandom: Uint8Array,
  keyLog: KeyLog | undefined,
): HandshakeSecrets {
  const secrets = handshakeSecrets(hash, sharedSecret, transcript.hash(hash));
  keyLog?.(keyLogLine("CLIENT_HANDSHAKE_TRAFFIC_SECRET", clientRandom, secrets.client));
  keyLog?.(keyLogLine("SERVER_HANDSHAKE_TRAFFIC_SECRET", clientRandom, secrets.server));
  return secrets;
}

/** Returns the secrets of the session. The transcript must end with the server's Finished. */
export function settleApplicationSecrets(
  { transcript }: HandshakeLayer,
  { hash }: Tls13Suite,
  master: Uint8Array,
  clientRandom: Uint8Array,
  keyLog: KeyLog | undefined,
): ApplicationSecrets {
  const secrets = applicationSecrets(hash, master, transcript.hash(hash));
  keyLog?.(keyLogLine("CLIENT_TRAFFIC_SECRET_0", clientRandom, secrets.client));
  keyLog?.(keyLogLine("SERVER_TRAFFIC_SECRET_0", clientRandom, secrets.server));
  keyLog?.(keyLogLine("EXPORTER_SECRET", clientRandom, secrets.exporter));
  return secrets;
}

/** Sends Finished for this handshake traffic secret. */
export function sendFinished(layer: HandshakeLayer, { hash }: Tls13Suite, secret: Uint8Array): void {
  layer.send(HandshakeType.finished, verifyData(hash, secret, layer.transcript.hash(hash)));
}

/** Receives the peer's Finished for this handshake traffic secret. It must be the last message of the flight. */
export async function receiveFinished(
  layer: HandshakeLayer,
  { hash }: Tls13Suite,
  secret: Uint8Array,
): Promise<void> {
  const expected = verifyData(hash, secret, layer.transcript.hash(hash));
  const { body } = await layer.receive(HandshakeType.finished);
  layer.checkFlightEnd();
  checkFinished(body, expected);
}

/** Returns the `info` of a handshake that has just been completed. */
export function tls13Info(
  { suite, group, alpnProtocol, serverName }: Tls13Parameters,
  signatureScheme: SignatureSchemeName,
  peer: PeerCredentials | undefined,
  { records, startedAt }: HandshakeLayer,
): TlsInfo {
  return {
    protocol: "TLS 1.3",
    suite: suite.name,
    keyBits: suite.keyBits,
    group: group.name,
    signatureScheme,
    alpnProtocol,
    serverName,
    extendedMasterSecret: true,
    encryptThenMac: false,
    peer,
    handshake: handshakeCost(records.wire, startedAt),
  };
}
