/**
 * The record protocol (RFC 5246 section 6). It fragments, protects and sends data, and receives, checks and decrypts
 * records.
 */

import { join, PartReader } from "../../bytes.ts";
import { ChannelError } from "../../errors.ts";
import { turnIsSpent } from "../../turns.ts";
import { ANSWERS_IN_HTTP, type Wire } from "../../wire.ts";
import { fatalAlert } from "../alerts.ts";
import { ContentType, MAX_PLAINTEXT, type TlsRecord } from "./content.ts";
import { HalfConnection } from "./half_connection.ts";
import type { RecordProtection } from "./protection.ts";

/** The most bytes that the protection may add to a record's plaintext (RFC 5246 section 6.2.3). */
const MAX_EXPANSION = 2048;
const HEADER_LENGTH = 5;
/** The most records that are decrypted in parallel if decryption is asynchronous: about 256 KiB. */
const OPENED_AT_ONCE = 16;
/** The maximum number of empty records in a row. No honest peer sends many. */
const MAX_EMPTY_RECORDS = 32;

/** A record that is being decrypted. */
interface Opening {
  /** The length of the record in the buffer, including the header. */
  readonly length: number;
  readonly protection: RecordProtection | null;
  readonly record: TlsRecord | Promise<TlsRecord>;
}

/** Records over a wire. Records in the buffer are read without waiting; queued records are sent in one write. */
export class RecordLayer {
  readonly wire: Wire;
  readonly reading: HalfConnection = new HalfConnection();
  readonly writing: HalfConnection = new HalfConnection();
  /** Whether the ServerHello has determined the version. Until then the headers of records may have any version 3.x. */
  versionSettled = false;
  #queue: (Uint8Array | Promise<Uint8Array>)[] = [];
  /** Settles when all flushed records are encrypted; undefined if encryption was never asynchronous. */
  #sealed: Promise<unknown> | undefined;
  /** The records at the start of the buffer that are being decrypted in advance. */
  #opening: Opening[] = [];
  #emptyRecords = 0;

  constructor(wire: Wire) {
    this.wire = wire;
  }

  /**
   * Returns the next record, or null if it is not completely buffered. If decryption is asynchronous, also begins to decrypt
   * the records after it.
   */
  poll(): TlsRecord | null | Promise<TlsRecord | null> {
    if (this.reading.earlyData > 0) return this.#pollAfterEarlyData();
    // Records that were decrypted with keys that have changed since are decrypted again.
    if (this.#opening[0]?.protection !== this.reading.current) this.#opening = [];
    const next = this.#opening.shift() ?? this.#openAt(0);
    if (next === null) return null;
    this.wire.consume(next.length);
    this.reading.bytes += next.length - HEADER_LENGTH;
    if (!(next.record instanceof Promise)) return this.#countEmpty(next.record);
    this.#openAhead();
    return next.record.then((record) => this.#countEmpty(record));
  }

  /** Drops a client's early data, for which this side has no keys, up to a limit (RFC 8446 section 4.2.10). */
  async #pollAfterEarlyData(): Promise<TlsRecord | null> {
    const { reading, wire } = this;
    for (let next = this.#recordAt(0); next !== null; next = this.#recordAt(0)) {
      const { type, fragment } = next;
      const length = HEADER_LENGTH + fragment.length;
      wire.consume(length);
      const record = await this.#openUnlessEarly(type, fragment);
      if (record !== null) {
        reading.bytes += fragment.length;
        return this.#countEmpty(record);
      }
      reading.earlyData -= length; // headers count, so that empty records are limited too
      if (reading.earlyData <= 0) {
        throw fatalAlert("unexpected_message", "the client sends too much early data", "limit");
      }
      if (turnIsSpent()) await wire.nextTurn();
    }
    return null;
  }

  async #openUnlessEarly(type: ContentType, fragment: Uint8Array): Promise<TlsRecord | null> {
    const { reading } = this;
    const { current } = reading;
    if (type !== ContentType.applicationData) return await this.#open(type, fragment);
    if (current === null) return null;
    try {
      const record = await this.#open(type, fragment);
      reading.earlyData = 0;
      return record;
    } catch {
      reading.use(current); // the first record that can be decrypted has sequence number 0
      return null;
    }
  }

  #openAhead(): void {
    let offset = this.#opening.reduce((sum, { length }) => sum + length, 0);
    while (
      this.#opening.length < OPENED_AT_ONCE &&
      this.wire.buffered[offset] === ContentType.applicationData
    ) {
      let next: Opening | null;
      try {
        next = this.#openAt(offset);
      } catch {
        return; // the record fails again when it is read
      }
      if (next === null) return;
      if (next.record instanceof Promise) next.record.catch(() => {}); // the failure is reported when the record is read
      this.#opening.push(next);
      offset += next.length;
    }
  }

  /** Begins to decrypt the record at this offset in the buffer, if it is complete. */
  #openAt(offset: number): Opening | null {
    const next = this.#recordAt(offset);
    if (next === null) return null;
    const { type, fragment } = next;
    const protection = this.reading.current;
    return { length: HEADER_LENGTH + fragment.length, protection, record: this.#open(type, fragment) };
  }

  /** Returns the encrypted record at this offset in the buffer, or null if it is not complete. */
  #recordAt(offset: number): TlsRecord | null {
    const header = this.wire.buffered.subarray(offset);
    if (header.length < HEADER_LENGTH) return null;
    const length = HEADER_LENGTH + this.#checkHeader(header);
    if (header.length < length) return null;
    return { type: header[0] as ContentType, fragment: header.subarray(HEADER_LENGTH, length) };
  }

  /** Waits until more of the peer's bytes are buffered. Returns false if the stream has ended between two records. */
  async more(): Promise<boolean> {
    const header = this.wire.buffered;
    const wanted = header.length < HEADER_LENGTH ? HEADER_LENGTH : HEADER_LENGTH + recordLength(header);
    if (await this.wire.fill(wanted)) return true;
    if (this.wire.buffered.length === 0) return false;
    throw new ChannelError("truncated", "the transport ended within a record");
  }

  /** Joins the parts and queues them in records, which the next `flush` or `write` sends. */
  queue(type: ContentType, parts: readonly Uint8Array[]): void {
    const bytes = new PartReader(parts);
    this.#queue.push(this.#seal(type, bytes, bytes.left));
  }

  /** Whether there are queued records. */
  get hasQueued(): boolean {
    return this.#queue.length > 0;
  }

  /** Sends the queued records in one write, after the records that were flushed before. */
  async flush(): Promise<void> {
    if (this.#queue.length === 0) return;
    const queued = this.#queue;
    this.#queue = [];
    if (this.#sealed === undefined && queued.every((records) => records instanceof Uint8Array)) {
      return await this.wire.write(joined(queued));
    }
    const inTurn = Promise.all([Promise.all(queued), this.#sealed]);
    this.#sealed = inTurn;
    const [records] = await inTurn;
    await this.wire.write(joined(records));
  }

  /** Ends the writing direction of the transport after the flushed records. */
  async end(): Promise<void> {
    await this.#sealed;
    await this.wire.end();
  }

  /** Joins the parts and sends them in as few records as possible, in one write. */
  async write(type: ContentType, parts: readonly Uint8Array[]): Promise<void> {
    this.queue(type, parts);
    await this.flush();
  }

  /** Sends the next `length` bytes as application data, after the queued records and in the same write. */
  async writeData(bytes: PartReader, length: number): Promise<void> {
    this.#queue.push(this.#seal(ContentType.applicationData, bytes, length));
    await this.flush();
  }

  /** Returns the number of bytes of protected fragments for `length` bytes of plaintext. */
  sealedLength(length: number): number {
    const { current, limit } = this.writing;
    if (current === null) return length;
    const [full, rest] = [Math.floor(length / limit), length % limit];
    return full * current.sealedLength(limit) + (rest > 0 ? current.sealedLength(rest) : 0);
  }

  /** Queues ChangeCipherSpec. Later records are protected with the pending keys (RFC 5246 section 7.1). */
  queueChangeCipherSpec(): void {
    this.queue(ContentType.changeCipherSpec, [Uint8Array.of(1)]);
    this.writing.change();
  }

  /** Handles the peer's ChangeCipherSpec, which is allowed only if there are pending keys. */
  changeCipherSpec(fragment: Uint8Array): void {
    if (fragment.length !== 1 || fragment[0] !== 1) {
      throw fatalAlert("decode_error", "ChangeCipherSpec does not have its one fixed byte");
    }
    if (!this.reading.change()) {
      throw fatalAlert("unexpected_message", "ChangeCipherSpec came at the wrong place");
    }
  }

  #checkHeader(header: Uint8Array): number {
    const [type, major, minor] = header;
    if (type < ContentType.changeCipherSpec || type > ContentType.applicationData) {
      const isHttp = type === ANSWERS_IN_HTTP.firstByte;
      throw fatalAlert(
        "unexpected_message",
        isHttp ? ANSWERS_IN_HTTP.message : "the bytes received are not a TLS record",
      );
    }
    if (major !== 3 || (this.versionSettled && minor !== 3)) {
      throw fatalAlert("protocol_version", "a record is not of TLS 1.2", "protocol");
    }
    const length = recordLength(header);
    const most = this.reading.current === null ? MAX_PLAINTEXT : MAX_PLAINTEXT + MAX_EXPANSION;
    if (length > most) throw fatalAlert("record_overflow", "a record is longer than TLS allows");
    return length;
  }

  #open(type: ContentType, fragment: Uint8Array): TlsRecord | Promise<TlsRecord> {
    const { current, limit } = this.reading;
    if (current === null) return { type, fragment };
    if (current.outerType !== undefined && type !== current.outerType) {
      return this.#unprotected(type, fragment);
    }
    this.reading.plaintextAlerts = false;
    const checkLength = (record: TlsRecord) => {
      const hidden = current.outerType !== undefined;
      const length = hidden ? fragment.length : record.fragment.length;
      const most = hidden ? current.sealedLength(limit) : limit; // the limit includes padding (RFC 8449)
      if (length > most) throw fatalAlert("record_overflow", "a record is longer than the limit");
      return record;
    };
    const record = current.open(this.reading.nextSequence(), type, fragment);
    if (record instanceof Promise) return record.then((record) => checkLength(record));
    return checkLength(record);
  }

  /**
   * Accepts an unprotected record only if it is a ChangeCipherSpec for compatibility or an alert of a peer without keys (RFC
   * 8446 section 5).
   */
  #unprotected(type: ContentType, fragment: Uint8Array): TlsRecord {
    const { alert, changeCipherSpec } = ContentType;
    if (type === changeCipherSpec || (type === alert && this.reading.plaintextAlerts)) {
      return { type, fragment };
    }
    throw fatalAlert("unexpected_message", "a record is not protected");
  }

  /** Counts empty fragments, which are allowed only for application data (RFC 5246 section 6.2.1, RFC 8446 section 5.1). */
  #countEmpty(record: TlsRecord): TlsRecord {
    const { type, fragment } = record;
    if (fragment.length > 0) {
      this.#emptyRecords = 0;
      return record;
    }
    if (type !== ContentType.applicationData) {
      throw fatalAlert("unexpected_message", "a record of this type must not be empty");
    }
    if (++this.#emptyRecords > MAX_EMPTY_RECORDS) {
      throw fatalAlert("unexpected_message", "too many empty records", "limit");
    }
    return record;
  }

  /** Protects each record in its place in one array. */
  #seal(type: ContentType, bytes: PartReader, length: number): Uint8Array | Promise<Uint8Array> {
    const { current, limit } = this.writing;
    const most = current === null ? MAX_PLAINTEXT : limit;
    const output = new Uint8Array(HEADER_LENGTH * Math.ceil(length / most) + this.sealedLength(length));
    const later: Promise<unknown>[] = [];
    for (let offset = 0, rest = length; rest > 0; rest -= most) {
      const size = Math.min(rest, most);
      const header = output.subarray(offset, offset += HEADER_LENGTH);
      const sealed = output.subarray(offset, offset += current?.sealedLength(size) ?? size);
      writeHeader(header, current?.outerType ?? type, this.versionSettled, sealed.length);
      const plaintext = sealed.subarray(0, size);
      bytes.read(plaintext);
      const done = current?.seal(this.writing.nextSequence(), type, plaintext, sealed);
      if (done instanceof Promise) later.push(done);
      this.writing.bytes += sealed.length;
    }
    return later.length === 0 ? output : Promise.all(later).then(() => output);
  }
}

function joined(records: readonly Uint8Array[]): Uint8Array {
  return records.length === 1 ? records[0] : join(records);
}

function recordLength(header: Uint8Array): number {
  return header[3] << 8 | header[4];
}

/**
 * Writes a record's header. Before the version is determined it has version 3.1, which every server accepts (RFC 5246
 * appendix E.1).
 */
function writeHeader(output: Uint8Array, type: ContentType, versionSettled: boolean, length: number): void {
  output[0] = type;
  output[1] = 3;
  output[2] = versionSettled ? 3 : 1;
  output[3] = length >> 8;
  output[4] = length & 0xff;
}
