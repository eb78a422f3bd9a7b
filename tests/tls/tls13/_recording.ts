/** Recorded sessions of TLS 1.3, and forged records for either side of them. */
import { concat, fromHex } from "../../../src/bytes.ts";
import type { CipherSuiteName } from "../../../src/tls/mod.ts";
import { clientHandshake } from "../../../src/tls/client.ts";
import { type HandshakeMessage, MessageAssembler } from "../../../src/tls/handshake/assembler.ts";
import type { Role } from "../../../src/tls/handshake/layer.ts";
import type { ClientOptions, ServerOptions } from "../../../src/tls/options.ts";
import { ContentType, type TlsRecord } from "../../../src/tls/record/content.ts";
import { offersOf } from "../../../src/tls/credentials/offers.ts";
import { serverHandshake } from "../../../src/tls/server.ts";
import { tlsOperations } from "../../../src/platform/tls_operations.ts";
import { tls13Suites } from "../../../src/tls/tls13/cipher_suites.ts";
import { Tls13Protection } from "../../../src/tls/tls13/protection.ts";
import { memoryPair } from "../../../src/transport/memory.ts";
import { Wire } from "../../../src/wire.ts";
import {
  CLIENT_DATA,
  fixedRandom,
  readAll,
  type Recording,
  recordsOf,
  SERVER_DATA,
  talk,
  tapped,
} from "../../_kit/replay.ts";

/** A recorded session with its keys. */
export interface Tls13Recording extends Recording {
  /** The messages of a role's protected flight, in order. */
  readonly flight: (role: Role) => readonly HandshakeMessage[];
  /** Returns the bytes that a role sends before its protected flight, followed by these records under its handshake keys. */
  readonly forgeFlight: (role: Role, records: readonly TlsRecord[]) => Uint8Array;
}

/** Records a session. Its server must use a signature scheme with deterministic signatures. */
export async function recordTls13(
  suite: CipherSuiteName,
  client: ClientOptions,
  server: ServerOptions,
): Promise<Tls13Recording> {
  const options = { client: { ...client, suites: [suite] }, server: { ...server, suites: [suite] } };
  const secrets = new Map<string, Uint8Array>();
  const keyLog = (line: string) => {
    const [label, , secret] = line.split(" ");
    secrets.set(label, fromHex(secret));
  };
  const [near, far] = memoryPair();
  const sent = { client: [] as Uint8Array[], server: [] as Uint8Array[] };
  const [clientSession, serverSession] = await Promise.all([
    clientHandshake(new Wire(tapped(near, sent.client)), {
      ...options.client,
      random: fixedRandom(1),
      keyLog,
    }),
    serverHandshake(
      new Wire(tapped(far, sent.server)),
      offersOf({ ...options.server, random: fixedRandom(2) }),
    ),
  ]);
  await Promise.all([
    talk(clientSession, CLIENT_DATA),
    talk(serverSession, SERVER_DATA),
    readAll(clientSession),
    readAll(serverSession),
  ]);
  const streams = { client: concat(...sent.client), server: concat(...sent.server) };
  const found = tls13Suites(tlsOperations("pure")).find(({ name }) => name === suite)!;
  const protection = (label: string) => new Tls13Protection(found, secrets.get(label)!);
  const handshakeKeys = (role: Role) => protection(`${role.toUpperCase()}_HANDSHAKE_TRAFFIC_SECRET`);
  const flightRecords = (role: Role) => {
    const keys = handshakeKeys(role);
    const opened: { start: number; end: number; fragment: Uint8Array }[] = [];
    for (const { start, end, type } of recordsOf(streams[role])) {
      if (type !== ContentType.applicationData) continue;
      try {
        const sealed = streams[role].subarray(start + 5, end);
        const { fragment } = keys.open(opened.length, type, sealed) as TlsRecord;
        opened.push({ start, end, fragment });
      } catch {
        break; // the keys of the application begin
      }
    }
    return opened;
  };
  return {
    ...options,
    toClient: streams.server,
    toServer: streams.client,
    forge: (role, records) =>
      concat(
        streams[role].subarray(0, flightRecords(role).at(-1)!.end),
        ...sealed(protection(`${role.toUpperCase()}_TRAFFIC_SECRET_0`), records),
      ),
    flight: (role) => {
      const assembler = new MessageAssembler();
      flightRecords(role).forEach(({ fragment }) => assembler.push(fragment));
      const messages: HandshakeMessage[] = [];
      for (let message = assembler.next(); message; message = assembler.next()) messages.push(message);
      return messages;
    },
    forgeFlight: (role, records) =>
      concat(
        streams[role].subarray(0, flightRecords(role)[0].start),
        ...sealed(handshakeKeys(role), records),
      ),
  };
}

function sealed(protection: Tls13Protection, records: readonly TlsRecord[]): Uint8Array[] {
  return records.map(({ type, fragment }, i) => {
    const output = new Uint8Array(protection.sealedLength(fragment.length));
    protection.seal(i, type, fragment, output);
    return concat(Uint8Array.of(23, 3, 3, output.length >> 8, output.length & 0xff), output);
  });
}
