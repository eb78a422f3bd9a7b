/** The negotiated parameters of a handshake (RFC 5246 section 6.1), and the steps common to both roles. */

import type { RandomBytes } from "../../crypto/random.ts";
import { fatalAlert } from "../alerts.ts";
import type { PeerCredentials } from "../credentials/credentials.ts";
import { checkFinished } from "../handshake/finished.ts";
import type { RecordLimits } from "../handshake/record_limit.ts";
import type { CertificateType } from "../handshake/extensions.ts";
import type { HandshakeLayer, Role } from "../handshake/layer.ts";
import { HandshakeType } from "../handshake/messages.ts";
import { type KeyLog, keyLogLine, MASTER_SECRET } from "../key_log.ts";
import type { TlsInfo } from "../info.ts";
import type { KeyExchangeInfo, Randoms } from "../key_exchange/key_exchange.ts";
import { extendedMasterSecret, masterSecret, sessionKeys, verifyData } from "./key_schedule.ts";
import type { RecordLayer } from "../record/layer.ts";
import type { Settings } from "../options.ts";
import { handshakeCost } from "../../session.ts";
import type { Tls12Suite } from "./cipher_suites.ts";
import type { KeyLimits } from "./rekey_extension.ts";

/** What the two hello messages negotiate. */
export interface SecurityParameters {
  readonly suite: Tls12Suite;
  readonly randoms: Randoms;
  readonly extendedMasterSecret: boolean;
  readonly encryptThenMac: boolean;
  readonly serverName: string | undefined;
  readonly alpnProtocol: string | undefined;
  readonly serverCertificateType: CertificateType;
  /** The type of credentials that the server may request from the client. */
  readonly clientCertificateType: CertificateType;
  /** Whether the server may send CertificateStatus (RFC 6066 section 8). */
  readonly certificateStatus: boolean;
  /** The limits of records, if both sides sent record_size_limit (RFC 8449). */
  readonly recordLimits: RecordLimits | undefined;
  /** The limits on the use of keys. */
  readonly keyLimits: KeyLimits;
}

/** Returns whether the extended master secret is used. Each side may require it (RFC 7627 sections 5.2 and 5.3). */
export function settleExtendedMasterSecret(
  wanted: Settings["extendedMasterSecret"],
  isAnswered: boolean,
): boolean {
  if (wanted === "required" && !isAnswered) {
    throw fatalAlert("handshake_failure", "the peer does not support the extended master secret (RFC 7627)");
  }
  return isAnswered;
}

/** Returns the master secret. The transcript must end with ClientKeyExchange. */
export function settleMasterSecret(
  handshake: HandshakeLayer,
  { suite, randoms, extendedMasterSecret: extended }: SecurityParameters,
  premasterSecret: Uint8Array,
  keyLog: KeyLog | undefined,
): Uint8Array {
  const master = extended
    ? extendedMasterSecret(suite.hash, premasterSecret, handshake.transcript.hash(suite.hash))
    : masterSecret(suite.hash, premasterSecret, randoms);
  keyLog?.(keyLogLine(MASTER_SECRET, randoms.client, master));
  return master;
}

/** Computes the keys of both directions, which the next ChangeCipherSpec of each direction puts into use. */
export function prepareKeys(
  records: RecordLayer,
  role: Role,
  parameters: SecurityParameters,
  master: Uint8Array,
  randoms: Randoms,
  random: RandomBytes,
): void {
  const { suite, encryptThenMac } = parameters;
  const { client, server } = sessionKeys(suite, master, randoms);
  const [own, peer] = role === "client" ? [client, server] : [server, client];
  records.writing.prepare(suite.protection(own, encryptThenMac, random));
  records.reading.prepare(suite.protection(peer, encryptThenMac, random));
}

/** Sends ChangeCipherSpec and Finished. Returns the verify_data. */
export function sendFinished(
  handshake: HandshakeLayer,
  { suite }: SecurityParameters,
  master: Uint8Array,
  role: Role,
): Uint8Array {
  handshake.sendChangeCipherSpec();
  const own = verifyData(suite.hash, master, role, handshake.transcript.hash(suite.hash));
  handshake.send(HandshakeType.finished, own);
  return own;
}

/** Receives ChangeCipherSpec and Finished from the peer, which has the role `role`. Returns the verify_data. */
export async function receiveFinished(
  handshake: HandshakeLayer,
  { suite }: SecurityParameters,
  master: Uint8Array,
  role: Role,
): Promise<Uint8Array> {
  handshake.checkFlightEnd();
  await handshake.receiveChangeCipherSpec();
  const expected = verifyData(suite.hash, master, role, handshake.transcript.hash(suite.hash));
  const { body } = await handshake.receive(HandshakeType.finished);
  handshake.checkFlightEnd();
  checkFinished(body, expected);
  return expected;
}

/** Returns the `info` of a handshake that has just been completed. */
export function tls12Info(
  parameters: SecurityParameters,
  { group, signatureScheme }: KeyExchangeInfo,
  peer: PeerCredentials | undefined,
  { records: { wire }, startedAt }: HandshakeLayer,
): TlsInfo {
  const { suite, alpnProtocol, serverName, extendedMasterSecret, encryptThenMac } = parameters;
  return {
    protocol: suite.version,
    suite: suite.name,
    keyBits: suite.keyBits,
    group,
    signatureScheme,
    alpnProtocol,
    serverName,
    extendedMasterSecret,
    encryptThenMac,
    peer,
    handshake: handshakeCost(wire, startedAt),
  };
}
