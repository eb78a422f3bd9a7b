/** Splits TLS into its parts: chunks into records, and records into handshake messages (RFC 8446 section 5.1). */
import { joined } from "./step.ts";

const MESSAGE_HEADER = 4;

/** The header of each record in bytes: content type, version, length. */
export const RECORD_HEADER = 5;

/** Splits one direction into records. */
export class RecordReader {
  #pending: Uint8Array = new Uint8Array(0);

  /** Returns the records that are complete with these bytes, with their headers. */
  read(bytes: Uint8Array): Uint8Array[] {
    const records = [];
    let pending = joined(this.#pending, bytes);
    for (let length; (length = recordLength(pending)) <= pending.length;) {
      records.push(pending.subarray(0, length));
      pending = pending.subarray(length);
    }
    this.#pending = pending;
    return records;
  }
}

/** A handshake message. */
export interface PassedMessage {
  readonly type: number;
  readonly body: Uint8Array;
  /** Header and body, in the clear. */
  readonly plain: Uint8Array;
  /** Its bytes on the wire. A record's header counts with its first message, and everything after the last message with the last one. */
  readonly bytes: Uint8Array;
}

/** Splits the contents of one direction's records into messages. */
export class MessageReader {
  #plain: Uint8Array = new Uint8Array(0);
  #wire: Uint8Array = new Uint8Array(0);

  /** Returns the messages that are complete with this record, whose plaintext is `fragment`. */
  read(record: Uint8Array, fragment: Uint8Array): PassedMessage[] {
    const messages = [];
    const tail = record.length - RECORD_HEADER - fragment.length;
    this.#plain = joined(this.#plain, fragment);
    this.#wire = joined(this.#wire, record);
    for (let length; (length = messageLength(this.#plain)) <= this.#plain.length;) {
      const plain = this.#plain.subarray(0, length);
      this.#plain = this.#plain.subarray(length);
      const left = this.#plain.length === 0 ? 0 : this.#plain.length + tail;
      const bytes = this.#wire.subarray(0, this.#wire.length - left);
      this.#wire = this.#wire.subarray(bytes.length);
      messages.push({ type: plain[0], body: plain.subarray(MESSAGE_HEADER), plain, bytes });
    }
    return messages;
  }
}

/** The length of the first record; infinite while its header is incomplete. */
function recordLength(bytes: Uint8Array): number {
  return bytes.length < RECORD_HEADER ? Infinity : RECORD_HEADER + (bytes[3] << 8 | bytes[4]);
}

function messageLength(bytes: Uint8Array): number {
  if (bytes.length < MESSAGE_HEADER) return Infinity;
  return MESSAGE_HEADER + (bytes[1] << 16 | bytes[2] << 8 | bytes[3]);
}
