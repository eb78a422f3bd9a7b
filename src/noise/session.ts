/** The session of the native setting. Its records carry parts of the byte stream, its end, or a failure. */

import { concat, EMPTY, PartReader, pieces } from "../bytes.ts";
import { TAG_LENGTH } from "../crypto/aead.ts";
import { ChannelError, type ErrorCode } from "../errors.ts";
import type { Session } from "../session.ts";
import type { Wire } from "../wire.ts";
import type { NativeInfo } from "./profile.ts";
import type { RecordCipher } from "./record_cipher.ts";

const HEADER_LENGTH = 2;

/** The bytes of a record in addition to its plaintext. */
const OVERHEAD = HEADER_LENGTH + TAG_LENGTH;

/**
 * The most plaintext in one record, in bytes: one less than Noise allows. A batch begins 2 bytes after a multiple of 4, so
 * every ciphertext begins at a multiple of 4, where the cipher is fastest.
 */
const MAX_PLAINTEXT = 65_518;

/** The most records in one array and one write. One write of a channel (256 KiB and the headers of its frames) fits. */
const BATCH_RECORDS = 5;

/** The most records that are decrypted in parallel if decryption is asynchronous: about 256 KiB. */
const OPENED_AT_ONCE = 4;

/** The value of the length field that announces a failure, which is one encrypted byte. No ciphertext is this short. */
const FAILURE_MARK = 1;
const FAILURE_HEADER: Uint8Array = Uint8Array.of(0, FAILURE_MARK);
const FAILURE_LENGTH = 1 + TAG_LENGTH;

/** The failures. The encrypted byte is an index into this list; an unknown index counts as the first. */
const FAILURES: readonly ErrorCode[] = ["aborted", "protocol", "decrypt", "limit", "untrusted", "timeout"];

/** A session of the native setting. */
export class NoiseSession implements Session {
  /** What the handshake negotiated. */
  readonly info: NativeInfo;
  readonly keyExchanges = 1;
  readonly #wire: Wire;
  readonly #sender: RecordCipher;
  readonly #receiver: RecordCipher;
  /** The records that are being decrypted, in order. */
  readonly #opening: (Uint8Array | Promise<Uint8Array>)[] = [];
  /** Settles when all records so far have been encrypted. */
  #sealing: Promise<unknown> = Promise.resolve();
  #closed = false;
  #peerClosed = false;
  #failure: unknown;

  constructor(wire: Wire, info: NativeInfo, sender: RecordCipher, receiver: RecordCipher) {
    this.info = info;
    this.#wire = wire;
    this.#sender = sender;
    this.#receiver = receiver;
  }

  async write(parts: readonly Uint8Array[]): Promise<void> {
    if (this.#closed) throw new ChannelError("closed", "the session is closed");
    const bytes = new PartReader(parts);
    while (bytes.left > 0) await this.#send(bytes);
  }

  async read(): Promise<Uint8Array | null> {
    if (this.#failure) throw this.#failure;
    if (this.#peerClosed) return null;
    try {
      return await this.#readRecord();
    } catch (error) {
      this.#failure = error; // records after a failure are ignored, even if they are authentic
      throw error;
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#send(new PartReader([]));
  }

  async abort(error: ChannelError): Promise<void> {
    this.#closed = true;
    await this.#wire.abortAfter(error, async () => {
      await this.#sealing; // the failure follows the records that are being sent
      await this.#wire.write(await this.#sealFailure(error));
    });
  }

  /** Sends as many bytes as fit into one write, or an empty record if there are no bytes. */
  async #send(bytes: PartReader): Promise<void> {
    const records = this.#seal(bytes);
    if (records instanceof Promise) this.#sealing = records;
    await this.#wire.write(records instanceof Promise ? await records : records);
  }

  /** Encrypts each record in its place in one array, all in parallel. */
  #seal(bytes: PartReader): Uint8Array | Promise<Uint8Array> {
    const length = Math.min(bytes.left, BATCH_RECORDS * MAX_PLAINTEXT);
    const count = Math.max(Math.ceil(length / MAX_PLAINTEXT), 1);
    const total = count * OVERHEAD + length;
    const records = new Uint8Array(HEADER_LENGTH + total).subarray(HEADER_LENGTH); // see MAX_PLAINTEXT
    const later: Promise<unknown>[] = [];
    for (const record of pieces(records, OVERHEAD + MAX_PLAINTEXT)) {
      const sealed = record.subarray(HEADER_LENGTH);
      record[0] = sealed.length >> 8;
      record[1] = sealed.length;
      const plaintext = sealed.subarray(0, sealed.length - TAG_LENGTH);
      bytes.read(plaintext);
      const done = this.#sender.seal(EMPTY, plaintext, sealed);
      if (done instanceof Promise) later.push(done);
    }
    return later.length === 0 ? records : Promise.all(later).then(() => records);
  }

  async #readRecord(): Promise<Uint8Array | null> {
    if (this.#opening.length === 0) await this.#openBuffered();
    const plaintext = await this.#opening.shift()!;
    if (plaintext.length > 0) return plaintext;
    this.#peerClosed = true;
    return null;
  }

  /**
   * Waits for a record and decrypts it. If decryption is asynchronous, also begins to decrypt the buffered records after it.
   */
  async #openBuffered(): Promise<void> {
    for (let missing = this.#missing(); missing > 0; missing = this.#missing()) {
      if (await this.#wire.fill(this.#wire.buffered.length + missing)) continue;
      throw new ChannelError("truncated", "the transport ended without an orderly close");
    }
    do {
      const opened = this.#openRecord();
      this.#opening.push(opened);
      if (!(opened instanceof Promise)) return;
      opened.catch(() => {}); // a failure is reported when the record is read
    } while (this.#opening.length < OPENED_AT_ONCE && this.#missing() === 0);
  }

  /** Returns how many bytes are missing from the next record's header or, if the header is complete, from the record. */
  #missing(): number {
    const { buffered } = this.#wire;
    const whole = buffered.length < HEADER_LENGTH ? HEADER_LENGTH : HEADER_LENGTH + sealedLength(buffered);
    return Math.max(0, whole - buffered.length);
  }

  /** Takes the next record from the buffer and decrypts it. */
  #openRecord(): Uint8Array | Promise<Uint8Array> {
    const { buffered } = this.#wire;
    const sealed = buffered.subarray(HEADER_LENGTH, HEADER_LENGTH + sealedLength(buffered));
    this.#wire.consume(HEADER_LENGTH + sealed.length);
    return isFailure(buffered) ? this.#openFailure(sealed) : this.#receiver.open(EMPTY, sealed);
  }

  /** Encrypts a failure. The header is authenticated too, so that a failure and data cannot be confused. */
  async #sealFailure({ code }: ChannelError): Promise<Uint8Array> {
    const reason = Uint8Array.of(Math.max(FAILURES.indexOf(code), 0));
    return concat(FAILURE_HEADER, await this.#sender.seal(FAILURE_HEADER, reason));
  }

  async #openFailure(sealed: Uint8Array): Promise<never> {
    const [reason] = await this.#receiver.open(FAILURE_HEADER, sealed);
    const code = FAILURES[reason] ?? FAILURES[0];
    throw new ChannelError("alert", `the peer ended the session: ${code}`, { direction: "received" });
  }
}

function isFailure([high, low]: Uint8Array): boolean {
  return (high << 8 | low) === FAILURE_MARK;
}

/** Returns the length of the ciphertext after this header. */
function sealedLength(header: Uint8Array): number {
  if (isFailure(header)) return FAILURE_LENGTH;
  const length = header[0] << 8 | header[1];
  if (length < TAG_LENGTH) throw new ChannelError("protocol", "a record is too short");
  return length;
}
