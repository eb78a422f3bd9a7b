/** The handshake of TLS 1.2 as it can be read on the wire: in the clear until ChangeCipherSpec (RFC 5246). */
import { joined, type Step, type StepReader } from "./step.ts";
import type { Direction, WireChunk } from "./tap.ts";

const RECORD_HEADER = 5;
const MESSAGE_HEADER = 4;
const [CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE] = [20, 21, 22];
const [SERVER_HELLO, CERTIFICATE] = [2, 11];

const MESSAGES: Readonly<Record<number, readonly [name: string, note: string]>> = {
  1: ["ClientHello", "What the client can do, and 32 random bytes."],
  2: ["ServerHello", "Chosen:"],
  11: ["Certificate", "Who the server is. A listener can read it, too."],
  14: ["ServerHelloDone", "The client now checks the certificate or key."],
  16: ["ClientKeyExchange", "A fresh secret, encrypted to the server's RSA key."],
};

const SUITES: Readonly<Record<number, string>> = {
  0x009d: "TLS_RSA_WITH_AES_256_GCM_SHA384",
  0x003d: "TLS_RSA_WITH_AES_256_CBC_SHA256",
  0x0035: "TLS_RSA_WITH_AES_256_CBC_SHA",
  0x000a: "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
};

const ALERTS: Readonly<Record<number, string>> = {
  40: "handshake_failure",
  42: "bad_certificate",
  43: "unsupported_certificate",
  45: "certificate_expired",
  46: "certificate_unknown",
  48: "unknown_ca",
  71: "insufficient_security",
};

/** What is held of one direction. */
interface Side {
  /** Bytes that are no whole record yet. */
  pending: Uint8Array;
  /** Handshake bytes that are no whole message yet. */
  messages: Uint8Array;
  /** Headers of the records that these came in. */
  headers: Uint8Array;
  /** Whether ChangeCipherSpec has passed. */
  secured: boolean;
}

/** Reads both directions of one handshake. */
export class TlsSteps implements StepReader {
  identity: Uint8Array | undefined;
  readonly #sides: Readonly<Record<Direction, Side>> = { sent: emptySide(), received: emptySide() };

  read({ direction, bytes, at }: WireChunk): Step[] {
    const side = this.#sides[direction];
    const steps: Step[] = [];
    side.pending = joined(side.pending, bytes);
    for (let length; (length = recordLength(side.pending)) <= side.pending.length;) {
      const record = side.pending.subarray(0, length);
      side.pending = side.pending.subarray(length);
      for (const step of this.#record(side, record)) steps.push({ direction, at, ...step });
    }
    return steps;
  }

  #record(side: Side, record: Uint8Array): Omit<Step, "direction" | "at">[] {
    const type = record[0];
    if (type === CHANGE_CIPHER_SPEC) {
      side.secured = true;
      return [{ name: "ChangeCipherSpec", note: "Everything behind this is encrypted.", bytes: record }];
    }
    if (type === ALERT) return [{ ...alert(record, side.secured), bytes: record, refusal: true }];
    if (type !== HANDSHAKE) return [];
    if (side.secured) {
      const note = "Encrypted: proves the keys, and that nobody interfered.";
      return [{ name: "Finished", note, bytes: record }];
    }
    side.headers = joined(side.headers, record.subarray(0, RECORD_HEADER));
    side.messages = joined(side.messages, record.subarray(RECORD_HEADER));
    return this.#messages(side);
  }

  #messages(side: Side): Omit<Step, "direction" | "at">[] {
    const steps = [];
    for (let length; (length = messageLength(side.messages)) <= side.messages.length;) {
      const message = side.messages.subarray(0, length);
      steps.push({ ...this.#describe(message), bytes: joined(side.headers, message) });
      side.messages = side.messages.subarray(length);
      side.headers = new Uint8Array(0);
    }
    return steps;
  }

  #describe(message: Uint8Array): Pick<Step, "name" | "note"> {
    const [type] = message;
    const [name, note] = MESSAGES[type] ?? [`Message ${type}`, ""];
    if (type === CERTIFICATE) this.identity = message.subarray(MESSAGE_HEADER);
    return { name, note: type === SERVER_HELLO ? `${note} ${chosenSuite(message)}.` : note };
  }
}

function emptySide(): Side {
  const empty = new Uint8Array(0);
  return { pending: empty, messages: empty, headers: empty, secured: false };
}

/** The length of the record at the beginning; endless while its header is not whole. */
function recordLength(bytes: Uint8Array): number {
  return bytes.length < RECORD_HEADER ? Infinity : RECORD_HEADER + (bytes[3] << 8 | bytes[4]);
}

function messageLength(bytes: Uint8Array): number {
  if (bytes.length < MESSAGE_HEADER) return Infinity;
  return MESSAGE_HEADER + (bytes[1] << 16 | bytes[2] << 8 | bytes[3]);
}

/** Behind the header, version and random stands the session id, and behind that the suite (section 7.4.1.3). */
function chosenSuite(message: Uint8Array): string {
  const sessionId = MESSAGE_HEADER + 2 + 32;
  const suite = sessionId + 1 + message[sessionId];
  const number = message[suite] << 8 | message[suite + 1];
  return SUITES[number] ?? `suite ${number}`;
}

function alert(record: Uint8Array, secured: boolean): Pick<Step, "name" | "note"> {
  if (secured) return { name: "Alert", note: "Encrypted." };
  const number = record[RECORD_HEADER + 1];
  return { name: `Alert: ${ALERTS[number] ?? number}`, note: "It ends here, before any secret is sent." };
}
