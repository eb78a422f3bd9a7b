/** Sends handshake messages in flights of records, and receives them one at a time. */

import { ChannelError } from "../../errors.ts";
import { turnIsSpent } from "../../turns.ts";
import type { Wire } from "../../wire.ts";
import {
  type Alert,
  alertOf,
  decodeAlert,
  encodeAlert,
  fatalAlert,
  receivedAlert,
  toChannelError,
} from "../alerts.ts";
import { ContentType, type TlsRecord } from "../record/content.ts";
import { RecordLayer } from "../record/layer.ts";
import type { RecordProtection } from "../record/protection.ts";
import { frameMessage, type HandshakeMessage, MessageAssembler } from "./assembler.ts";
import { handshakeName, HandshakeType } from "./messages.ts";
import { Transcript } from "./transcript.ts";
import { Warnings } from "./warnings.ts";

/** A side's role in the session. */
export type Role = "client" | "server";

/** One handshake message, as the `trace` option reports it. */
export interface HandshakeStep {
  /** Whether this side sent or received the message. */
  readonly direction: "sent" | "received";
  /** The name of the message from RFC 8446 or RFC 5246, such as `ClientHello`. */
  readonly message: string;
  /** The size of the message in bytes, including its own header but not the record's. */
  readonly size: number;
}

/** A handshake in progress. */
export class HandshakeLayer {
  readonly records: RecordLayer;
  readonly transcript: Transcript = new Transcript();
  /** The time at which the handshake began, by `performance.now()`. */
  readonly startedAt: number = performance.now();
  readonly #assembler: MessageAssembler = new MessageAssembler();
  readonly #role: Role;
  readonly #trace: ((step: HandshakeStep) => void) | undefined;
  readonly #warnings: Warnings = new Warnings();
  #isTls13 = false;
  /** Messages to be sent together under the same keys. */
  #flight: Uint8Array[] = [];

  constructor(wire: Wire, role: Role, trace: ((step: HandshakeStep) => void) | undefined) {
    this.records = new RecordLayer(wire);
    this.#role = role;
    this.#trace = trace;
  }

  /** Runs the handshake. On failure, sends an alert, ends the wire, and throws the error. */
  async run<T>(handshake: () => Promise<T>): Promise<T> {
    try {
      return await handshake();
    } catch (cause) {
      const error = toChannelError(cause);
      await endWithAlert(this.records, error);
      throw error;
    }
  }

  /** Switches to the rules of TLS 1.3: ChangeCipherSpec is ignored, and every alert ends the handshake. */
  settleTls13(): void {
    this.#isTls13 = true;
    this.records.versionSettled = true;
  }

  /** Adds a message to the flight that the next `flush` sends. */
  send(type: HandshakeType, body: Uint8Array): void {
    const bytes = frameMessage(type, body);
    this.transcript.add(bytes);
    if (this.#isTls13) this.#flight.push(bytes);
    else this.records.queue(ContentType.handshake, [bytes]);
    this.#trace?.({ direction: "sent", message: handshakeName(type), size: bytes.length });
  }

  /** Adds ChangeCipherSpec to the flight. Later messages are sent under the new keys. */
  sendChangeCipherSpec(): void {
    this.#packFlight();
    this.records.queueChangeCipherSpec();
    this.#trace?.({ direction: "sent", message: "ChangeCipherSpec", size: 1 });
  }

  /** Changes to new keys without a ChangeCipherSpec, as in TLS 1.3. */
  writeUnder(protection: RecordProtection): void {
    this.#packFlight();
    this.records.writing.use(protection);
  }

  #packFlight(): void {
    if (this.#flight.length === 0) return;
    this.records.queue(ContentType.handshake, this.#flight);
    this.#flight = [];
  }

  /** Sends the flight in one write. */
  async flush(): Promise<void> {
    this.#packFlight();
    try {
      await this.records.flush();
    } catch (error) {
      throw await this.#receiveAlert() ?? error;
    }
  }

  /** Returns the error for an alert that the peer sent before a write failed, if it sent one. */
  async #receiveAlert(): Promise<unknown> {
    try {
      while (true) await this.#nextRecord();
    } catch (error) {
      return error instanceof ChannelError && error.code === "alert" ? error : undefined;
    }
  }

  /** Returns the next message, which must be of one of these types. */
  async receive(...types: readonly HandshakeType[]): Promise<HandshakeMessage> {
    const message = await this.#next();
    if (!types.includes(message.type as HandshakeType)) {
      const expected = types.map(handshakeName).join(" or ");
      throw fatalAlert("unexpected_message", `${handshakeName(message.type)} came in place of ${expected}`);
    }
    this.transcript.add(message.bytes);
    this.#trace?.({
      direction: "received",
      message: handshakeName(message.type),
      size: message.bytes.length,
    });
    return message;
  }

  /** Receives ChangeCipherSpec, which must not interrupt a handshake message. */
  async receiveChangeCipherSpec(): Promise<void> {
    const { type, fragment } = await this.#nextRecord();
    if (type !== ContentType.changeCipherSpec) {
      throw fatalAlert("unexpected_message", "ChangeCipherSpec is missing");
    }
    this.records.changeCipherSpec(fragment);
    this.#trace?.({ direction: "received", message: "ChangeCipherSpec", size: 1 });
  }

  /** Refuses bytes after the last message of a flight. */
  checkFlightEnd(): void {
    if (!this.#assembler.empty) {
      throw fatalAlert("unexpected_message", "there are bytes after the end of a flight");
    }
  }

  async #next(): Promise<HandshakeMessage> {
    while (true) {
      const message = this.#assembler.next();
      if (message === null) {
        const { type, fragment } = await this.#nextRecord();
        if (type !== ContentType.handshake) {
          throw fatalAlert(
            "unexpected_message",
            "a record of another type came in place of a handshake message",
          );
        }
        this.#assembler.push(fragment);
      } else if (message.type === HandshakeType.helloRequest && this.#role === "client" && !this.#isTls13) {
        this.#ignoreHelloRequest(message);
      } else {
        return message;
      }
    }
  }

  /** Ignores HelloRequest during a handshake. It is not part of the transcript (RFC 5246 section 7.4.1.1). */
  #ignoreHelloRequest(message: HandshakeMessage): void {
    if (message.body.length > 0) throw fatalAlert("decode_error", "HelloRequest is not empty");
    this.#warnings.add();
  }

  /** Returns the next record other than a warning alert. */
  async #nextRecord(): Promise<TlsRecord> {
    while (true) {
      if (turnIsSpent()) await this.records.wire.nextTurn(); // a message may span 100,000 records
      const record = await this.records.poll();
      if (record === null) {
        if (await this.records.more()) continue;
        throw new ChannelError("truncated", "the transport ended within the handshake");
      }
      if (record.type !== ContentType.handshake && !this.#assembler.empty) {
        throw fatalAlert("unexpected_message", "another record came within a handshake message");
      }
      if (record.type === ContentType.alert) this.#takeAlert(decodeAlert(record.fragment));
      else if (record.type === ContentType.changeCipherSpec && this.#isTls13) this.#ignore(record);
      else return record;
    }
  }

  /** Ignores warning alerts; TLS 1.3 has only one (RFC 8446 section 6). Throws for all other alerts. */
  #takeAlert(alert: Alert): void {
    const isWarning = this.#isTls13 ? alert.name === "user_canceled" : !alert.fatal;
    if (!isWarning || alert.name === "close_notify") throw receivedAlert(alert.name);
    this.#warnings.add();
  }

  /** Ignores ChangeCipherSpec, which makes TLS 1.3 look like TLS 1.2 to middleboxes (RFC 8446 section 5). */
  #ignore({ fragment }: TlsRecord): void {
    if (fragment.length !== 1 || fragment[0] !== 1) {
      throw fatalAlert("unexpected_message", "ChangeCipherSpec does not have its one fixed byte");
    }
    this.#warnings.add();
  }
}

/**
 * Ends both directions because of `error`: sends an alert and aborts the wire. Sends no alert if the error is the peer's own
 * alert or a truncation. Never rejects.
 */
export async function endWithAlert(records: RecordLayer, error: ChannelError): Promise<void> {
  if (error.direction === "received" || error.code === "truncated") return records.wire.abort(error);
  await records.wire.abortAfter(error, () => records.write(ContentType.alert, [encodeAlert(alertOf(error))]));
}
