/** Assembles handshake messages from the fragments of records (RFC 5246 section 6.2.1). */

import { EMPTY } from "../../bytes.ts";
import { fatalAlert } from "../alerts.ts";

/** One handshake message. */
export interface HandshakeMessage {
  readonly type: number;
  readonly body: Uint8Array;
  /** The whole message: header and body. */
  readonly bytes: Uint8Array;
}

/** The largest accepted body of a handshake message, in bytes: that of the largest possible ClientHello. */
const MAX_MESSAGE = 131_396;
const HEADER_LENGTH = 4;

/** Assembles messages. A message may span several records, and a record may contain several messages. */
export class MessageAssembler {
  #buffer: Uint8Array = EMPTY;
  #length = 0;

  /** Whether no part of a message is buffered. */
  get empty(): boolean {
    return this.#length === 0;
  }

  /** Adds the fragment of a record. */
  push(fragment: Uint8Array): void {
    const length = this.#length + fragment.length;
    if (length > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#buffer.length));
      larger.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = larger;
    }
    this.#buffer.set(fragment, this.#length);
    this.#length = length;
  }

  /** Returns the next message, or null if it is not complete yet. */
  next(): HandshakeMessage | null {
    if (this.#length < HEADER_LENGTH) return null;
    const [type, high, middle, low] = this.#buffer;
    const bodyLength = high << 16 | middle << 8 | low;
    if (bodyLength > MAX_MESSAGE) {
      throw fatalAlert("illegal_parameter", "a handshake message is too long", "limit");
    }
    const length = HEADER_LENGTH + bodyLength;
    if (this.#length < length) return null;
    const bytes = this.#buffer.slice(0, length);
    this.#buffer.copyWithin(0, length, this.#length);
    this.#length -= length;
    return { type, body: bytes.subarray(HEADER_LENGTH), bytes };
  }
}

/** Returns a message with its header. */
export function frameMessage(type: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER_LENGTH + body.length);
  bytes.set([type, body.length >> 16, body.length >> 8 & 0xff, body.length & 0xff]);
  bytes.set(body, HEADER_LENGTH);
  return bytes;
}
