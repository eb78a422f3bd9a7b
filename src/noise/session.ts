/** The native setting's records: encrypted pieces of the byte stream, its end, and its failure. */

import { concat, EMPTY, pieces } from "../bytes.ts";
import { TAG_LENGTH } from "../crypto/aead.ts";
import { ChannelError, type ErrorCode } from "../errors.ts";
import type { Session } from "../session.ts";
import type { Wire } from "../wire.ts";
import type { NativeInfo } from "./profile.ts";
import type { RecordCipher } from "./record_cipher.ts";

const HEADER_LENGTH = 2;

/**
 * Plaintext in one record: one byte less than Noise allows. A batch begins 2 bytes after a multiple of 4, so every
 * ciphertext begins on a multiple of 4, where the cipher is fastest.
 */
const MAX_PLAINTEXT = 65_518;

/** Records sealed into one buffer and written at once: the 256 KiB that a channel writes together, and its frames' headers. */
const BATCH_RECORDS = 5;

/** Records that are opened in parallel if opening is asynchronous: about 256 KiB. */
const OPENED_AT_ONCE = 4;

/** Takes the place of a length, since no ciphertext is this short; announces a failure, which is one sealed byte. */
const FAILURE_MARK = 1;
const FAILURE_HEADER: Uint8Array = Uint8Array.of(0, FAILURE_MARK);
const FAILURE_LENGTH = 1 + TAG_LENGTH;

/** A failure's byte is an index into this list; an unknown one counts as the first. */
const FAILURES: readonly ErrorCode[] = ["aborted", "protocol", "decrypt", "limit", "untrusted", "timeout"];

/** A session of the native setting. */
export class NoiseSession implements Session {
  /** What the handshake agreed. */
  readonly info: NativeInfo;
  readonly keyExchanges = 1;
  readonly #wire: Wire;
  readonly #sender: RecordCipher;
  readonly #receiver: RecordCipher;
  /** Records that are being opened, in their order. */
  readonly #opening: (Uint8Array | Promise<Uint8Array>)[] = [];
  /** Settles when everything given to the sender is sealed. */
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
    let batch: Uint8Array[] = [];
    for (const piece of pieces(parts, MAX_PLAINTEXT)) {
      batch.push(piece);
      if (batch.length < BATCH_RECORDS) continue;
      await this.#send(batch);
      batch = [];
    }
    if (batch.length > 0) await this.#send(batch);
  }

  async read(): Promise<Uint8Array | null> {
    if (this.#failure) throw this.#failure;
    if (this.#peerClosed) return null;
    try {
      return await this.#readRecord();
    } catch (error) {
      this.#failure = error; // records after a failure are ignored, even if they authenticate
      throw error;
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#send([EMPTY]);
  }

  async abort(error: ChannelError): Promise<void> {
    this.#closed = true;
    await this.#wire.abortAfter(error, async () => {
      await this.#sealing; // the failure follows what is being sent
      await this.#wire.write(await this.#sealFailure(error));
    });
  }

  async #send(plaintexts: readonly Uint8Array[]): Promise<void> {
    const records = this.#seal(plaintexts);
    if (records instanceof Promise) this.#sealing = records;
    await this.#wire.write(records instanceof Promise ? await records : records);
  }

  /** Seals each plaintext into a record of its own, in parallel, all in one buffer. */
  #seal(plaintexts: readonly Uint8Array[]): Uint8Array | Promise<Uint8Array> {
    let length = 0;
    for (const plaintext of plaintexts) length += HEADER_LENGTH + plaintext.length + TAG_LENGTH;
    const records = new Uint8Array(HEADER_LENGTH + length).subarray(HEADER_LENGTH); // see MAX_PLAINTEXT
    const later: Promise<unknown>[] = [];
    let offset = 0;
    for (const plaintext of plaintexts) {
      const length = plaintext.length + TAG_LENGTH;
      records[offset++] = length >> 8;
      records[offset++] = length;
      const sealed = this.#sender.seal(EMPTY, plaintext, records.subarray(offset, offset += length));
      if (sealed instanceof Promise) later.push(sealed);
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

  /** Waits for a record and opens it. If opening is asynchronous, also begins to open the buffered records after it. */
  async #openBuffered(): Promise<void> {
    for (let missing = this.#missing(); missing > 0; missing = this.#missing()) {
      if (await this.#wire.fill(this.#wire.buffered.length + missing)) continue;
      throw new ChannelError("truncated", "the transport ended without an orderly close");
    }
    do {
      const opened = this.#openRecord();
      this.#opening.push(opened);
      if (!(opened instanceof Promise)) return;
      opened.catch(() => {}); // it shows when its turn comes
    } while (this.#opening.length < OPENED_AT_ONCE && this.#missing() === 0);
  }

  /** Returns how many more bytes complete the next record's header or, once that is whole, the record. */
  #missing(): number {
    const { buffered } = this.#wire;
    const whole = buffered.length < HEADER_LENGTH ? HEADER_LENGTH : HEADER_LENGTH + sealedLength(buffered);
    return Math.max(0, whole - buffered.length);
  }

  /** Takes the next record, which is buffered, and opens it. */
  #openRecord(): Uint8Array | Promise<Uint8Array> {
    const { buffered } = this.#wire;
    const sealed = buffered.subarray(HEADER_LENGTH, HEADER_LENGTH + sealedLength(buffered));
    this.#wire.consume(HEADER_LENGTH + sealed.length);
    return isFailure(buffered) ? this.#openFailure(sealed) : this.#receiver.open(EMPTY, sealed);
  }

  /** Authenticates the header too, so that a failure and data cannot be taken for each other. */
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
