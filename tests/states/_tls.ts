/** The state machines of TLS: RFC 8446 appendix A, and RFC 5246 section 7.3. */
import { concat } from "../../src/bytes.ts";
import { generateEd25519Key } from "../../src/crypto/ec/ed25519.ts";
import { type HandshakeMessage, MessageAssembler } from "../../src/tls/handshake/assembler.ts";
import type { Role } from "../../src/tls/handshake/layer.ts";
import { handshakeName, HandshakeType } from "../../src/tls/handshake/messages.ts";
import type { ClientOptions, ServerOptions } from "../../src/tls/options.ts";
import { ContentType, type TlsRecord } from "../../src/tls/record/content.ts";
import { rsa1024 } from "../_kit/keys.ts";
import { record, type Recording, recordsOf, replayClient, replayServer } from "../_kit/replay.ts";
import { recordTls13 } from "../tls/tls13/_recording.ts";
import type { Answer, Machine } from "./_machine.ts";
import { everyInput, plain, type TlsInput } from "./_tls_inputs.ts";

/** A state: what the side waits for, and what its specification allows. */
interface State {
  readonly name: string;
  /** The allowed handshake types, or ChangeCipherSpec. */
  readonly takes: readonly (number | "ccs")[];
  /** Returns the bytes up to this state, followed by a record that is protected with the keys of this state. */
  readonly bytes: (record: TlsRecord) => Uint8Array;
  readonly isConnected?: true;
}

const key = generateEd25519Key(() => new Uint8Array(32).fill(9));
const clientSide: ClientOptions = { groups: ["x25519"], certificateTypes: ["raw"], verifyPeer: () => {} };
const serverSide = { groups: ["x25519"], credentials: [{ key }] } as const;
const clientAuthentication = { verifyPeer: () => {}, certificateTypes: ["raw"] } as const;
const other = (role: Role): Role => role === "client" ? "server" : "client";

/** The messages in handshake records. */
function messagesIn(fragments: readonly Uint8Array[]): HandshakeMessage[] {
  const assembler = new MessageAssembler();
  fragments.forEach((fragment) => assembler.push(fragment));
  const messages: HandshakeMessage[] = [];
  for (let message = assembler.next(); message; message = assembler.next()) messages.push(message);
  return messages;
}

function machineOf(
  title: string,
  role: Role,
  recording: Recording,
  { states, recorded, expected }: {
    states: readonly State[];
    recorded: readonly Uint8Array[];
    expected: (state: State, input: TlsInput) => Answer;
  },
): Machine {
  const inputs = everyInput(recorded);
  const replay = role === "client" ? replayClient : replayServer;
  return {
    title: `${title}, ${role}`,
    states: states.map(({ name }) => name),
    inputs: inputs.map(({ name }) => name),
    feed: (state, input) => replay(recording, [states[state].bytes(inputs[input].record)]),
    allowed: (state, input) => [expected(states[state], inputs[input])],
  };
}

const waitsFor = (...types: readonly number[]): string => types.map(handshakeName).join(" or ");

async function tls13Machines(): Promise<Machine[]> {
  const recording = await recordTls13(
    "TLS_CHACHA20_POLY1305_SHA256",
    { ...clientSide, credentials: { key } },
    {
      ...serverSide,
      clientAuthentication,
    },
  );
  const { certificate, certificateRequest, certificateVerify, encryptedExtensions, finished, keyUpdate } =
    HandshakeType;
  const { clientHello, newSessionTicket, serverHello } = HandshakeType;
  const flights: Readonly<Record<Role, readonly (readonly number[])[]>> = {
    client: [
      [encryptedExtensions],
      [certificateRequest, certificate],
      [certificate],
      [certificateVerify],
      [finished],
    ],
    server: [[certificate], [certificateVerify], [finished]],
  };
  const hellos: Readonly<Record<Role, number>> = { client: serverHello, server: clientHello };
  const later: Readonly<Record<Role, readonly number[]>> = {
    client: [newSessionTicket, keyUpdate],
    server: [keyUpdate],
  };
  return (["client", "server"] as const).map((role) => {
    const sender = other(role);
    const flight = recording.flight(sender).map(({ bytes }) => bytes);
    const stream = role === "client" ? recording.toClient : recording.toServer;
    const [hello] = recordsOf(stream);
    const before = (count: number): TlsRecord[] =>
      flight.slice(0, count).map((fragment) => ({ type: ContentType.handshake, fragment }));
    const states: State[] = [
      { name: waitsFor(hellos[role]), takes: [hellos[role]], bytes: plain },
      ...flights[role].map((takes, i): State => ({
        name: waitsFor(...takes),
        takes,
        bytes: (record) => recording.forgeFlight(sender, [...before(i), record]),
      })),
      {
        name: "connected",
        takes: later[role],
        bytes: (record) => recording.forge(sender, [record]),
        isConnected: true,
      },
    ];
    const recorded = [stream.subarray(hello.start + 5, hello.end), ...flight];
    return machineOf("TLS 1.3", role, recording, { states, recorded, expected: expectedOfTls13 });
  });
}

/** RFC 8446 sections 4, 5 and 6. */
function expectedOfTls13({ takes, isConnected }: State, { name, type }: TlsInput): Answer {
  // Before ServerHello, the server may support only TLS 1.2.
  if (type === HandshakeType.helloRequest && takes.includes(HandshakeType.serverHello)) return "ignored";
  if (type !== undefined) return takes.includes(type) ? "taken" : "unexpected_message";
  return expectedOfRecord(name, isConnected);
}

/** The reactions that are the same in both versions: to records other than handshake messages. */
function expectedOfRecord(name: string, isConnected: boolean | undefined): Answer {
  switch (name) {
    case "application data":
      return isConnected ? "taken" : "unexpected_message";
    case "a warning (user_canceled)":
      return "ignored";
    case "close_notify":
      return isConnected ? "end" : "peer's error";
    case "a fatal alert":
      return "peer's error";
    case "an alert of three bytes":
      return "decode_error";
    case "a record of 16,385 bytes":
      return "record_overflow";
    default:
      return "unexpected_message";
  }
}

async function tls12Machines(
  title: string,
  client: ClientOptions,
  server: ServerOptions,
  waits: Readonly<Record<Role, readonly (readonly number[])[]>>,
): Promise<Machine[]> {
  const recording = await record(client, server);
  return (["client", "server"] as const).map((role) => {
    const sender = other(role);
    const stream = role === "client" ? recording.toClient : recording.toServer;
    const records = recordsOf(stream);
    const ccs = records.findIndex(({ type }) => type === ContentType.changeCipherSpec);
    const messages = messagesIn(
      records.slice(0, ccs).map(({ start, end }) => stream.subarray(start + 5, end)),
    );
    const before = (count: number): Uint8Array[] =>
      messages.slice(0, count).map(({ bytes }) => plain({ type: ContentType.handshake, fragment: bytes }));
    const states: State[] = [
      ...waits[role].map((takes, i): State => ({
        name: waitsFor(...takes),
        takes,
        bytes: (record) => concat(...before(i), plain(record)),
      })),
      {
        name: "ChangeCipherSpec",
        takes: ["ccs"],
        bytes: (record) => concat(...before(messages.length), plain(record)),
      },
      {
        name: "Finished",
        takes: [HandshakeType.finished],
        bytes: (record) =>
          record.fragment[0] === HandshakeType.finished // the right one is in the recording alone
            ? recording.forge(sender, [])
            : recording.forgeFinished!(sender, [record]),
      },
      {
        name: "connected",
        takes: [],
        bytes: (record) => recording.forge(sender, [record]),
        isConnected: true,
      },
    ];
    const recorded = messages.map(({ bytes }) => bytes);
    return machineOf(title, role, recording, { states, recorded, expected: expectedOfTls12(role) });
  });
}

/** RFC 5246 sections 7.1, 7.2 and 7.4; RFC 5746 section 4.5 for messages that would begin a renegotiation. */
function expectedOfTls12(role: Role): (state: State, input: TlsInput) => Answer {
  return ({ takes, isConnected }, { name, type }) => {
    const begins = role === "client" ? HandshakeType.helloRequest : HandshakeType.clientHello;
    // HelloRequest is not tested between two messages that must follow each other.
    if (type === HandshakeType.helloRequest && role === "client" && !takes.includes("ccs")) return "ignored";
    if (type === begins && isConnected) return "ignored";
    if (type !== undefined) return takes.includes(type) ? "taken" : "unexpected_message";
    if (name === "ChangeCipherSpec") return takes.includes("ccs") ? "taken" : "unexpected_message";
    return expectedOfRecord(name, isConnected);
  };
}

/** All state machines of TLS. */
export async function tlsMachines(): Promise<Machine[]> {
  const { certificate, certificateRequest, certificateVerify, clientHello, clientKeyExchange } =
    HandshakeType;
  const { serverHello, serverHelloDone, serverKeyExchange } = HandshakeType;
  const suites = ["TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"] as const;
  const rsaSuites = ["TLS_RSA_WITH_AES_256_GCM_SHA384"] as const;
  return [
    ...await tls13Machines(),
    ...await tls12Machines(
      "TLS 1.2 with ECDHE, the client shows its key",
      { ...clientSide, suites, credentials: { key } },
      { ...serverSide, suites, clientAuthentication },
      {
        client: [
          [serverHello],
          [certificate],
          [serverKeyExchange],
          [certificateRequest, serverHelloDone],
          [serverHelloDone],
        ],
        server: [[clientHello], [certificate], [clientKeyExchange], [certificateVerify]],
      },
    ),
    ...await tls12Machines(
      "TLS 1.2 with RSA key exchange",
      { ...clientSide, suites: rsaSuites, minimumKeyBits: 1024 },
      { suites: rsaSuites, minimumKeyBits: 1024, credentials: [{ key: rsa1024 }] },
      {
        client: [[serverHello], [certificate], [certificateRequest, serverHelloDone]],
        server: [[clientHello], [clientKeyExchange]],
      },
    ),
  ];
}
