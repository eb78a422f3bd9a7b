/** Records TLS sessions, and replays one side with modified bytes. */
import { concat, fromHex } from "../../src/bytes.ts";
import type { Role } from "../../src/tls/handshake/layer.ts";
import { ChannelError } from "../../src/errors.ts";
import type { RandomBytes } from "../../src/crypto/random.ts";
import { tlsOperations } from "../../src/platform/tls_operations.ts";
import { tls12Suites } from "../../src/tls/tls12/cipher_suites.ts";
import { clientHandshake } from "../../src/tls/client.ts";
import { sessionKeys } from "../../src/tls/tls12/key_schedule.ts";
import type { ClientOptions, ServerOptions } from "../../src/tls/options.ts";
import { ContentType, type TlsRecord } from "../../src/tls/record/content.ts";
import { offersOf } from "../../src/tls/credentials/offers.ts";
import { serverHandshake } from "../../src/tls/server.ts";
import type { TlsSession } from "../../src/tls/session.ts";
import { memoryPair } from "../../src/transport/memory.ts";
import type { Transport } from "../../src/connection.ts";
import { Wire } from "../../src/wire.ts";
import { assert } from "./mod.ts";

/** Returns a random generator that returns the same bytes in every run. */
export function fixedRandom(seed: number): RandomBytes {
  let state = seed;
  return (length) =>
    Uint8Array.from({ length }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state >>> 24;
    });
}

/** All bytes of one session: a handshake, and data and close_notify in both directions. */
export interface Recording {
  readonly client: ClientOptions;
  readonly server: ServerOptions;
  readonly toClient: Uint8Array;
  readonly toServer: Uint8Array;
  /** Returns a role's stream up to its Finished, followed by these records, which are protected with the role's keys. */
  readonly forge: (role: Role, records: readonly TlsRecord[]) => Uint8Array;
  /** As `forge`, but also replaces the role's Finished. */
  readonly forgeFinished?: (role: Role, records: readonly TlsRecord[]) => Uint8Array;
}

/** The data that each side sends in a recorded session. */
export const CLIENT_DATA: readonly Uint8Array[] = [new Uint8Array(100).fill(1), new Uint8Array(33).fill(2)];
export const SERVER_DATA: readonly Uint8Array[] = [new Uint8Array(50).fill(3), new Uint8Array(17).fill(4)];

/** Records a session between a client and a server with these options. */
export async function record(client: ClientOptions, server: ServerOptions): Promise<Recording> {
  const [near, far] = memoryPair();
  const [toServer, toClient] = [[] as Uint8Array[], [] as Uint8Array[]];
  let master = "";
  const keyLog = (line: string) => master = line.split(" ")[2];
  const [clientSession, serverSession] = await Promise.all([
    clientHandshake(new Wire(tapped(near, toServer)), { ...client, random: fixedRandom(1), keyLog }),
    serverHandshake(new Wire(tapped(far, toClient)), offersOf({ ...server, random: fixedRandom(2) })),
  ]);
  await Promise.all([
    talk(clientSession, CLIENT_DATA),
    talk(serverSession, SERVER_DATA),
    readAll(clientSession),
    readAll(serverSession),
  ]);
  const streams = { server: concat(...toClient), client: concat(...toServer) };
  const suite = tls12Suites(tlsOperations("pure")).find(({ name }) => name === clientSession.info.suite)!;
  const randoms = { client: fixedRandom(1)(32), server: fixedRandom(2)(32) };
  const keys = sessionKeys(suite, fromHex(master), randoms);
  const forgeFrom = (role: Role, kept: number, records: readonly TlsRecord[]): Uint8Array => {
    const protection = suite.protection(keys[role], clientSession.info.encryptThenMac, fixedRandom(3));
    const stream = streams[role];
    const sent = recordsOf(stream);
    const finished = sent.findIndex(({ type }) => type === ContentType.changeCipherSpec) + 1;
    const forged = records.map(({ type, fragment }, i) => {
      const sealed = new Uint8Array(protection.sealedLength(fragment.length));
      protection.seal(i + kept, type, fragment, sealed);
      return concat(Uint8Array.of(type, 3, 3, sealed.length >> 8, sealed.length & 0xff), sealed);
    });
    return concat(stream.subarray(0, sent[finished + kept].start), ...forged);
  };
  const forge = (role: Role, records: readonly TlsRecord[]) => forgeFrom(role, 1, records);
  const forgeFinished = (role: Role, records: readonly TlsRecord[]) => forgeFrom(role, 0, records);
  return { client, server, toClient: streams.server, toServer: streams.client, forge, forgeFinished };
}

/** Writes these parts, and closes the session. */
export async function talk(session: TlsSession, parts: readonly Uint8Array[]): Promise<void> {
  for (const part of parts) await session.write([part]);
  await session.close();
}

/** Reads up to the end of the session. */
export async function readAll(session: TlsSession): Promise<void> {
  while (await session.read() !== null);
}

/** A transport that also keeps what is written to it. */
export function tapped({ readable, writable }: Transport, tap: Uint8Array[]): Transport {
  const { readable: out, writable: into } = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      tap.push(chunk.slice());
      controller.enqueue(chunk);
    },
  });
  out.pipeTo(writable).catch(() => {});
  return { readable, writable: into };
}

/** The data that one side received from the given bytes, and how its session ended. */
export interface Outcome {
  readonly data: Uint8Array;
  /** Undefined after an orderly end. */
  readonly error: ChannelError | undefined;
}

/** Replays the recorded client with these bytes, followed by the end of the stream. */
export function replayClient({ client }: Recording, chunks: Iterable<Uint8Array>): Promise<Outcome> {
  return outcome(chunks, (wire) => clientHandshake(wire, { ...client, random: fixedRandom(1) }));
}

/** Replays the recorded server with these bytes, followed by the end of the stream. */
export function replayServer({ server }: Recording, chunks: Iterable<Uint8Array>): Promise<Outcome> {
  return outcome(chunks, (wire) => serverHandshake(wire, offersOf({ ...server, random: fixedRandom(2) })));
}

async function outcome(
  chunks: Iterable<Uint8Array>,
  handshake: (wire: Wire) => Promise<TlsSession>,
): Promise<Outcome> {
  const data: Uint8Array[] = [];
  try {
    const session = await handshake(new Wire(oneSided(chunks)));
    for (let bytes = await session.read(); bytes !== null; bytes = await session.read()) data.push(bytes);
    return { data: concat(...data), error: undefined };
  } catch (error) {
    assert.ok(error instanceof ChannelError, `not a ChannelError: ${error}`);
    return { data: concat(...data), error };
  }
}

/** Returns a transport that yields these chunks and ignores what is written to it. */
export function oneSided(chunks: Iterable<Uint8Array>): Transport {
  const iterator = chunks[Symbol.iterator]();
  return {
    readable: new ReadableStream({
      pull(controller) {
        const { value, done } = iterator.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
    }),
    writable: new WritableStream(),
  };
}

/** Returns where each record of a TLS stream begins and ends, and its type. */
export function recordsOf(bytes: Uint8Array): { start: number; end: number; type: ContentType }[] {
  const records = [];
  for (let start = 0; start < bytes.length;) {
    const end = start + 5 + (bytes[start + 3] << 8 | bytes[start + 4]);
    records.push({ start, end, type: bytes[start] as ContentType });
    start = end;
  }
  return records;
}
