/** Reads the handshake of TLS 1.2 on the wire, where it is in the clear until ChangeCipherSpec (RFC 5246). */
import { decodeAlert } from "../../../../src/tls/alerts.ts";
import type { CertificateType } from "../../../../src/tls/handshake/extensions.ts";
import { decodeServerHello, handshakeName, HandshakeType } from "../../../../src/tls/handshake/messages.ts";
import { decodeCertificateChain, decodeRawPublicKey } from "../../../../src/tls/tls12/messages.ts";
import { ContentType } from "../../../../src/tls/record/content.ts";
import { tls12Suites } from "../../../../src/tls/tls12/cipher_suites.ts";
import { tlsOperations } from "../../../../src/platform/tls_operations.ts";
import type { Step, StepReader } from "./step.ts";
import type { Direction, WireChunk } from "./tap.ts";
import { MessageReader, type PassedMessage, RECORD_HEADER, RecordReader } from "./tls_messages.ts";

const NOTES: Readonly<Record<number, string>> = {
  [HandshakeType.clientHello]: "What the client supports, and 32 random bytes.",
  [HandshakeType.certificate]: "The server's identity. An eavesdropper can read it, too.",
  [HandshakeType.serverHelloDone]: "The client now checks the certificate or key.",
  [HandshakeType.clientKeyExchange]: "A fresh secret, encrypted to the server's RSA key.",
};

/** The state of one direction. */
interface Side {
  readonly records: RecordReader;
  readonly messages: MessageReader;
  /** Whether ChangeCipherSpec has passed. */
  secured: boolean;
}

type StepPart = Omit<Step, "direction" | "at">;

/** Reads both directions of one handshake with RSA key exchange. */
export class Tls12Steps implements StepReader {
  identity: readonly Uint8Array[] | undefined;
  readonly #certificateType: CertificateType;
  readonly #sides: Readonly<Record<Direction, Side>> = { sent: newSide(), received: newSide() };

  constructor(certificateType: CertificateType) {
    this.#certificateType = certificateType;
  }

  read({ direction, bytes, at }: WireChunk): Step[] {
    const side = this.#sides[direction];
    return side.records.read(bytes)
      .flatMap((record) => this.#record(side, record))
      .map((step) => ({ direction, at, ...step }));
  }

  /** Does nothing: the key log is not needed to read this handshake. */
  learn(): Step[] {
    return [];
  }

  #record(side: Side, record: Uint8Array): StepPart[] {
    switch (record[0]) {
      case ContentType.changeCipherSpec:
        side.secured = true;
        return [{ name: "ChangeCipherSpec", note: "Everything after this is encrypted.", bytes: record }];
      case ContentType.alert:
        return [{ ...alert(record, side.secured), bytes: record, refusal: true }];
      case ContentType.handshake:
        return side.secured ? [finished(record)] : this.#messages(side, record);
      default:
        return [];
    }
  }

  #messages({ messages }: Side, record: Uint8Array): StepPart[] {
    return messages.read(record, record.subarray(RECORD_HEADER)).map((message) => {
      if (message.type === HandshakeType.certificate) this.identity = this.#shown(message);
      return { name: handshakeName(message.type), note: noteOn(message), bytes: message.bytes };
    });
  }

  #shown({ body }: PassedMessage): Uint8Array[] {
    return this.#certificateType === "raw" ? [decodeRawPublicKey(body)] : decodeCertificateChain(body);
  }
}

function newSide(): Side {
  return { records: new RecordReader(), messages: new MessageReader(), secured: false };
}

function noteOn({ type, body }: PassedMessage): string {
  if (type !== HandshakeType.serverHello) return NOTES[type] ?? "";
  const { cipherSuite } = decodeServerHello(body);
  const suite = tls12Suites(tlsOperations("pure")).find(({ id }) => id === cipherSuite);
  return `Chosen: ${suite?.name ?? `suite ${cipherSuite}`}.`;
}

function finished(record: Uint8Array): StepPart {
  return {
    name: "Finished",
    note: "Encrypted: proves the keys, and that the handshake was not altered.",
    bytes: record,
    encrypted: true,
  };
}

function alert(record: Uint8Array, secured: boolean): Pick<Step, "name" | "note"> {
  if (secured) return { name: "Alert", note: "Encrypted." };
  const { name } = decodeAlert(record.subarray(RECORD_HEADER));
  return { name: `Alert: ${name}`, note: "It ends here, before any secret is sent." };
}
