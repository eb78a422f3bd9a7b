/** All inputs that a TLS peer may send in any state. */
import { concat } from "../../src/bytes.ts";
import { encodeAlert } from "../../src/tls/alerts.ts";
import { frameMessage } from "../../src/tls/handshake/assembler.ts";
import { handshakeName, HandshakeType } from "../../src/tls/handshake/messages.ts";
import { ContentType, type TlsRecord } from "../../src/tls/record/content.ts";

/** An input: its name, the record that carries it, and its handshake type, if it is a handshake message. */
export interface TlsInput {
  readonly name: string;
  readonly record: TlsRecord;
  readonly type?: number;
}

/** A message of every known type and of an unknown type, with a plausible body. */
const BODIES: readonly (readonly [type: number, body: Uint8Array])[] = [
  [HandshakeType.helloRequest, new Uint8Array(0)],
  [HandshakeType.clientHello, new Uint8Array(50)],
  [HandshakeType.serverHello, new Uint8Array(50)],
  [HandshakeType.newSessionTicket, Uint8Array.of(0, 0, 0, 9, 1, 2, 3, 4, 1, 0, 0, 1, 7, 0, 0)],
  [HandshakeType.endOfEarlyData, new Uint8Array(0)],
  [HandshakeType.encryptedExtensions, new Uint8Array(2)],
  [HandshakeType.certificate, new Uint8Array(4)],
  [HandshakeType.certificateStatus, Uint8Array.of(1, 0, 0, 1, 0)],
  [HandshakeType.serverKeyExchange, new Uint8Array(20)],
  [HandshakeType.certificateRequest, Uint8Array.of(1, 64, 0, 2, 8, 7, 0, 0)],
  [HandshakeType.serverHelloDone, new Uint8Array(0)],
  [HandshakeType.certificateVerify, new Uint8Array(68)],
  [HandshakeType.clientKeyExchange, new Uint8Array(34)],
  [HandshakeType.finished, new Uint8Array(12)],
  [HandshakeType.keyUpdate, Uint8Array.of(0)],
  [99, new Uint8Array(4)],
];

/** Returns all inputs. Messages from a recording replace the plausible ones of their types. */
export function everyInput(recorded: readonly Uint8Array[]): TlsInput[] {
  const messages = BODIES.map(([type, body]): TlsInput => ({
    name: type === 99 ? "a message of an unknown type" : handshakeName(type),
    record: {
      type: ContentType.handshake,
      fragment: recorded.find(([first]) => first === type) ?? frameMessage(type, body),
    },
    type,
  }));
  const records: readonly (readonly [string, TlsRecord["type"], Uint8Array])[] = [
    ["ChangeCipherSpec", ContentType.changeCipherSpec, Uint8Array.of(1)],
    ["application data", ContentType.applicationData, Uint8Array.of(1)],
    ["an empty handshake record", ContentType.handshake, new Uint8Array(0)],
    ["a warning (user_canceled)", ContentType.alert, Uint8Array.of(1, 90)],
    ["close_notify", ContentType.alert, encodeAlert("close_notify")],
    ["a fatal alert", ContentType.alert, encodeAlert("handshake_failure")],
    ["an empty alert", ContentType.alert, new Uint8Array(0)],
    ["a record of 16,385 bytes", ContentType.applicationData, new Uint8Array(16_385)],
    ["an alert of three bytes", ContentType.alert, Uint8Array.of(1, 0, 0)],
    ["a record of an unknown type", 25 as TlsRecord["type"], Uint8Array.of(1)],
  ];
  return [...messages, ...records.map(([name, type, fragment]) => ({ name, record: { type, fragment } }))];
}

/** Returns an unprotected record. */
export function plain({ type, fragment }: TlsRecord): Uint8Array {
  return concat(Uint8Array.of(type, 3, 3, fragment.length >> 8, fragment.length & 0xff), fragment);
}
