/**
 * Reads the handshake of TLS 1.3 (RFC 8446): in the clear up to ServerHello, and then decrypted with the secrets of the client's
 * key log, as Wireshark does. Without them, an eavesdropper sees only records of application data and their sizes.
 */
import { fromHex } from "../../../../src/bytes.ts";
import { tlsOperations } from "../../../../src/platform/tls_operations.ts";
import { decodeAlert } from "../../../../src/tls/alerts.ts";
import { SIGNATURE_SCHEMES } from "../../../../src/tls/credentials/signature_schemes.ts";
import { decodeAlpn, ExtensionType } from "../../../../src/tls/handshake/extensions.ts";
import { decodeClientShares, decodeServerShare } from "../../../../src/tls/handshake/key_share.ts";
import {
  decodeCertificateVerify,
  decodeClientHello,
  decodeServerHello,
  handshakeName,
  HandshakeType,
} from "../../../../src/tls/handshake/messages.ts";
import { namedGroups } from "../../../../src/tls/key_exchange/groups.ts";
import { ContentType, type TlsRecord } from "../../../../src/tls/record/content.ts";
import { type Tls13Suite, tls13Suites } from "../../../../src/tls/tls13/cipher_suites.ts";
import { decodeCertificate, decodeEncryptedExtensions } from "../../../../src/tls/tls13/messages.ts";
import { Tls13Protection } from "../../../../src/tls/tls13/protection.ts";
import type { Step, StepReader } from "./step.ts";
import type { Direction, WireChunk } from "./tap.ts";
import { MessageReader, type PassedMessage, RECORD_HEADER, RecordReader } from "./tls_messages.ts";

/** This library's TypeScript implementation, which decrypts a record synchronously. */
const OPERATIONS = tlsOperations("pure");

/** Which direction the secret of a key log line decrypts. */
const SECRETS: Readonly<Record<string, Direction>> = {
  CLIENT_HANDSHAKE_TRAFFIC_SECRET: "sent",
  SERVER_HANDSHAKE_TRAFFIC_SECRET: "received",
};

/** The state of one direction. */
interface Side {
  readonly records: RecordReader;
  readonly messages: MessageReader;
  /** Records that wait for their secret, and when they passed. */
  waiting: { readonly record: Uint8Array; readonly at: number }[];
  protection: Tls13Protection | undefined;
  /** How many records were decrypted. */
  sequence: number;
  /** Whether Finished has passed, which ends the handshake. */
  finished: boolean;
}

type StepPart = Omit<Step, "direction" | "at">;

/** Reads both directions of one handshake. */
export class Tls13Steps implements StepReader {
  identity: readonly Uint8Array[] | undefined;
  #suite: Tls13Suite | undefined;
  readonly #sides: Readonly<Record<Direction, Side>> = { sent: newSide(), received: newSide() };

  read({ direction, bytes, at }: WireChunk): Step[] {
    const { records, waiting } = this.#sides[direction];
    waiting.push(...records.read(bytes).map((record) => ({ record, at })));
    return this.#readable(direction);
  }

  learn(line: string): Step[] {
    const [label, _clientRandom, secret] = line.split(" ");
    const direction = SECRETS[label];
    if (direction === undefined || this.#suite === undefined) return [];
    this.#sides[direction].protection = new Tls13Protection(this.#suite, fromHex(secret));
    return this.#readable(direction);
  }

  /** Returns the steps in the waiting records that can be decrypted by now. */
  #readable(direction: Direction): Step[] {
    const side = this.#sides[direction];
    const steps: Step[] = [];
    while (side.waiting.length > 0 && canRead(side, side.waiting[0].record)) {
      const { record, at } = side.waiting.shift()!;
      steps.push(...this.#record(side, record).map((step) => ({ direction, at, ...step })));
    }
    return steps;
  }

  #record(side: Side, record: Uint8Array): StepPart[] {
    const sealed = record[0] === ContentType.applicationData;
    if (side.finished && sealed) return [];
    const { type, fragment } = sealed
      ? side.protection!.open(side.sequence++, ContentType.applicationData, contentOf(record)) as TlsRecord
      : { type: record[0], fragment: contentOf(record) };
    switch (type) {
      case ContentType.changeCipherSpec:
        return [{
          name: "ChangeCipherSpec",
          note: "No meaning in TLS 1.3: makes it look like TLS 1.2 to middleboxes.",
          bytes: record,
        }];
      case ContentType.alert:
        return [{ ...alert(fragment, sealed), bytes: record, ...(sealed && { opened: fragment }) }];
      case ContentType.handshake:
        return side.messages.read(record, fragment).map((message) => this.#message(side, message, sealed));
      default:
        return [];
    }
  }

  #message(side: Side, message: PassedMessage, sealed: boolean): StepPart {
    const note = this.#noteOn(message);
    side.finished ||= message.type === HandshakeType.finished;
    return {
      name: handshakeName(message.type),
      note: sealed ? `Encrypted: ${note}` : note,
      bytes: message.bytes,
      encrypted: sealed,
      ...(sealed && { opened: message.plain }),
    };
  }

  /** Returns what a message is for, and keeps what later messages need from it. */
  #noteOn({ type, body }: PassedMessage): string {
    switch (type) {
      case HandshakeType.clientHello:
        return `What the client supports, with fresh public keys: ${clientGroups(body)}.`;
      case HandshakeType.serverHello:
        return this.#chosen(body);
      case HandshakeType.encryptedExtensions:
        return `what else was chosen: messages as ${application(body)}.`;
      case HandshakeType.certificate:
        this.identity = decodeCertificate(body).map(({ data }) => data);
        return "the server's identity. An eavesdropper cannot read it.";
      case HandshakeType.certificateVerify:
        return `a signature (${signatureScheme(body)}), which proves the server's key.`;
      case HandshakeType.finished:
        return "proves the keys, and that the handshake was not altered.";
      default:
        return "";
    }
  }

  #chosen(body: Uint8Array): string {
    const { cipherSuite, extensions } = decodeServerHello(body);
    this.#suite = tls13Suites(OPERATIONS).find(({ id }) => id === cipherSuite);
    const { group } = decodeServerShare(extensions.get(ExtensionType.keyShare)!);
    return `Chosen: ${this.#suite?.name} and ${groupName(group)}. Everything after this is encrypted.`;
  }
}

function newSide(): Side {
  return {
    records: new RecordReader(),
    messages: new MessageReader(),
    waiting: [],
    protection: undefined,
    sequence: 0,
    finished: false,
  };
}

function canRead({ protection }: Side, [type]: Uint8Array): boolean {
  return type !== ContentType.applicationData || protection !== undefined;
}

function contentOf(record: Uint8Array): Uint8Array {
  return record.subarray(RECORD_HEADER);
}

function clientGroups(body: Uint8Array): string {
  const shares = decodeClientHello(body).extensions.get(ExtensionType.keyShare);
  return shares === undefined
    ? "none"
    : decodeClientShares(shares).map(({ group }) => groupName(group)).join(" and ");
}

function groupName(group: number): string {
  return namedGroups(OPERATIONS).find(({ id }) => id === group)?.name ?? `group ${group}`;
}

function application(body: Uint8Array): string {
  const extensions = decodeEncryptedExtensions(body);
  const protocol = extensions.get(ExtensionType.applicationLayerProtocolNegotiation);
  return protocol === undefined ? "plain bytes" : decodeAlpn(protocol)[0];
}

function signatureScheme(body: Uint8Array): string {
  const { scheme } = decodeCertificateVerify(body);
  return SIGNATURE_SCHEMES.find(({ id }) => id === scheme)?.name ?? `scheme ${scheme}`;
}

function alert(fragment: Uint8Array, sealed: boolean): Pick<Step, "name" | "note" | "refusal"> {
  const note = sealed ? "Encrypted: an eavesdropper cannot read why it ends here." : "It ends here.";
  return { name: `Alert: ${decodeAlert(fragment).name}`, note, refusal: true };
}
