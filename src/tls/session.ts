/** An established session: application data in both directions, alerts, and the orderly close. */

import { join, PartReader } from "../bytes.ts";
import { ChannelError } from "../errors.ts";
import type { Session } from "../session.ts";
import { settlesWithin } from "../timers.ts";
import { turnIsSpent } from "../turns.ts";
import { decodeAlert, encodeAlert, fatalAlert, receivedAlert, toChannelError } from "./alerts.ts";
import type { Credentials } from "./credentials/credentials.ts";
import { MessageAssembler } from "./handshake/assembler.ts";
import { endWithAlert, type HandshakeLayer } from "./handshake/layer.ts";
import { Warnings } from "./handshake/warnings.ts";
import type { TlsInfo } from "./info.ts";
import type { PostHandshake } from "./post_handshake.ts";
import { ContentType, MAX_PLAINTEXT, type TlsRecord } from "./record/content.ts";
import type { RecordLayer } from "./record/layer.ts";
import { keyLimitReached } from "./record/limits.ts";

/** The result of a handshake, from which the session continues. */
export interface Established {
  readonly info: TlsInfo;
  /** The credentials that this side showed, if any. */
  readonly credentials: Credentials | undefined;
  /** Makes the handling of messages after the handshake for the negotiated version. */
  readonly postHandshake: (records: RecordLayer, warnings: Warnings) => PostHandshake;
}

/**
 * The most bytes in one write to the transport. This bounds the memory for a large write of the caller. One write of a
 * channel (256 KiB and the headers of its frames) fits.
 */
const BATCH = 17 * MAX_PLAINTEXT;
/** The maximum number of unread bytes that this side buffers while it only writes, or while it waits for new keys. */
const HELD_BESIDE = 2 ** 20;
const HELD_WAITING = 2 ** 24;
/** The size in bytes from which a fragment is returned on its own. Smaller fragments are joined first. */
const LARGE = 8192;

/** A TLS session after its handshake. */
export class TlsSession implements Session {
  /** What the handshake negotiated. */
  readonly info: TlsInfo;
  /** The credentials that this side showed, if any. */
  readonly credentials: Credentials | undefined;
  readonly #records: RecordLayer;
  readonly #warnings: Warnings = new Warnings();
  readonly #postHandshake: PostHandshake;
  readonly #assembler: MessageAssembler = new MessageAssembler();
  #inbox: Uint8Array[] = [];
  /** The number of bytes in the inbox. */
  #held = 0;
  #receiving: Promise<void> | null = null;
  /** Settles when the last requested write does. */
  #writing: Promise<void> = Promise.resolve();
  #failure: ChannelError | null = null;
  #closing: Promise<void> | null = null;
  /** Whether this side has written everything and begins no further key exchange. */
  #ending = false;
  #closeSent = false;
  #closeReceived = false;

  constructor({ records }: HandshakeLayer, { info, credentials, postHandshake }: Established) {
    this.info = info;
    this.credentials = credentials;
    this.#records = records;
    this.#postHandshake = postHandshake(records, this.#warnings);
  }

  /** The number of key exchanges: the handshake, and each later change of keys. */
  get keyExchanges(): number {
    return 1 + this.#postHandshake.keyChanges;
  }

  /** The number of bytes of both directions so far. */
  get moved(): number {
    const { sent, received } = this.#records.wire;
    return sent + received;
  }

  async write(parts: readonly Uint8Array[]): Promise<void> {
    if (this.#failure) throw this.#failure;
    if (this.#closing) throw new ChannelError("closed", "this side of the session was closed before");
    const written = this.#writing.then(() => this.#write(parts));
    this.#writing = written.catch(() => {});
    await written;
  }

  async #write(parts: readonly Uint8Array[]): Promise<void> {
    try {
      const bytes = new PartReader(parts);
      while (bytes.left > 0) {
        const length = Math.min(bytes.left, BATCH);
        await this.#makeRoom(length);
        if (this.#failure) throw this.#failure;
        await this.#records.writeData(bytes, length);
      }
    } catch (error) {
      throw await this.#failWriting(error);
    }
  }

  /**
   * Returns the error for a failed write. If the peer sent an alert before it stopped reading, the error is that of the
   * alert.
   */
  async #failWriting(error: unknown): Promise<ChannelError> {
    const isTransport = error instanceof ChannelError && error.code === "transport";
    while (isTransport && !this.#failure && !this.#closeReceived && this.#held <= HELD_WAITING) {
      await this.#receive();
    }
    return await this.#fail(error);
  }

  async read(): Promise<Uint8Array | null> {
    while (this.#inbox.length === 0) {
      if (this.#failure) throw this.#failure;
      if (this.#closeReceived) return null;
      await this.#receive();
    }
    const bytes = this.#takeInbox();
    this.#held -= bytes.length;
    return bytes;
  }

  #takeInbox(): Uint8Array {
    const large = this.#inbox.findIndex(({ length }) => length >= LARGE);
    if (large === 0) return this.#inbox.shift()!;
    const small = this.#inbox.splice(0, large < 0 ? Infinity : large);
    return small.length === 1 ? small[0] : join(small);
  }

  /** Sends close_notify after pending writes. Data can be read until the peer's own close_notify (RFC 8446 section 6.1). */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#writing;
    if (this.#failure) throw this.#failure;
    try {
      this.#ending = true;
      while (this.#postHandshake.inProgress && !this.#closeReceived) {
        await this.#progress(this.#postHandshake.patience);
      }
      this.#closeSent = true;
      await this.#records.write(ContentType.alert, [encodeAlert("close_notify")]);
      await this.#closeTransport();
    } catch (error) {
      throw await this.#failWriting(error);
    }
  }

  async abort(error: ChannelError): Promise<void> {
    await this.#fail(error);
  }

  /**
   * Returns keying material for another protocol, bound to this session (RFC 5705).
   *
   * @param label A registered label, or one that begins with `EXPERIMENTAL`.
   * @param length The number of bytes.
   * @param context Further data that the material is bound to. Omitting it gives different material from an empty context.
   * @throws {RangeError} If the length is not from 1 to 65535, or the context is longer.
   * @throws {ChannelError} `unsupported` in TLS 1.2 without the extended master secret.
   */
  exportKeyingMaterial(label: string, length: number, context?: Uint8Array): Uint8Array {
    if (!Number.isInteger(length) || length < 1 || length > 0xffff) {
      throw new RangeError("the length must be an integer from 1 to 65535");
    }
    return this.#postHandshake.exportKeyingMaterial(label, length, context);
  }

  /**
   * Ensures that `length` more bytes do not exceed the limits of the current keys: begins a change of keys in time, and
   * waits for it if necessary. Data that arrives meanwhile is buffered for the reader.
   */
  async #makeRoom(length: number): Promise<void> {
    this.#changeKeysIfDue();
    while (this.#postHandshake.exceedsKeyLimit(this.#records.sealedLength(length))) {
      if (!this.#postHandshake.canChangeKeys || this.#closeReceived) throw keyLimitReached();
      await this.#progress();
      this.#changeKeysIfDue();
    }
  }

  #changeKeysIfDue(): void {
    if (this.#failure || this.#ending) return;
    this.#postHandshake.changeKeysIfDue(this.#closeReceived);
    if (this.#records.hasQueued) this.#flushWithoutWaiting();
    if (!this.#postHandshake.waiting || this.#closeReceived) return;
    if (this.#held <= HELD_BESIDE) this.#receive(); // receives the peer's response while this side continues to write
  }

  /**
   * Waits until something arrives during a change of keys. Throws if the stream ends, if nothing arrives within
   * `milliseconds`, or if too much other data has arrived.
   */
  async #progress(milliseconds = Infinity): Promise<void> {
    const answered = this.#held <= HELD_WAITING && milliseconds > 0 &&
      await settlesWithin(milliseconds, this.#receive());
    if (this.#failure) throw this.#failure;
    if (!answered) throw unanswered();
  }

  /**
   * Receives once for all waiting callers: all buffered records, or else the next ones. Never rejects. Does nothing after a
   * failure.
   */
  #receive(): Promise<void> {
    this.#receiving ??= this.#receiveRecords().finally(() => this.#receiving = null);
    return this.#receiving;
  }

  async #receiveRecords(): Promise<void> {
    if (this.#failure) return;
    try {
      let record = await this.#records.poll();
      while (record === null) {
        if (!await this.#records.more()) {
          throw new ChannelError("truncated", "the transport ended without close_notify");
        }
        if (this.#failure) return;
        record = await this.#records.poll();
      }
      while (record !== null) {
        await this.#take(record);
        if (this.#failure || this.#closeReceived) return;
        if (turnIsSpent()) await this.#records.wire.nextTurn();
        record = await this.#records.poll();
      }
    } catch (error) {
      await this.#fail(error);
    }
  }

  async #take({ type, fragment }: TlsRecord): Promise<void> {
    if (!this.#assembler.empty && type !== ContentType.handshake) {
      throw fatalAlert("unexpected_message", "another record came within a handshake message");
    }
    this.#postHandshake.checkRecord(type);
    switch (type) {
      case ContentType.applicationData:
        if (fragment.length > 0) {
          this.#inbox.push(fragment);
          this.#warnings.reset();
        }
        this.#held += fragment.length;
        this.#changeKeysIfDue();
        break;
      case ContentType.alert:
        await this.#takeAlert(fragment);
        break;
      case ContentType.handshake:
        await this.#takeHandshake(fragment);
        break;
      case ContentType.changeCipherSpec:
        this.#postHandshake.changeCipherSpec(fragment);
    }
  }

  async #takeAlert(fragment: Uint8Array): Promise<void> {
    const alert = decodeAlert(fragment);
    if (alert.name === "close_notify") {
      this.#closeReceived = true;
      await this.#closeTransport();
    } else if (this.#postHandshake.isFatal(alert)) {
      throw receivedAlert(alert.name);
    } else {
      this.#warnings.add();
    }
  }

  async #takeHandshake(fragment: Uint8Array): Promise<void> {
    this.#assembler.push(fragment);
    for (let message = this.#assembler.next(); message !== null; message = this.#assembler.next()) {
      await this.#postHandshake.take(message, this.#closeSent, this.#assembler.empty);
    }
    this.#flushWithoutWaiting();
  }

  /**
   * Sends the records that receiving has queued, without waiting for the transport. A peer that only writes would never read
   * them, so waiting would block reading. A failure of the transport is reported at the next read or write.
   */
  #flushWithoutWaiting(): void {
    if (!this.#failure) this.#records.flush().catch(() => {});
  }

  /**
   * Ends the transport after both sides have sent close_notify. Ending a WebSocket earlier would cut off the peer's data. A
   * later failure of the transport does not affect the session.
   */
  async #closeTransport(): Promise<void> {
    if (!this.#closeSent || !this.#closeReceived) return;
    await this.#records.end().catch(() => {});
    this.#records.wire.release();
  }

  /** Makes the first error the session's error, and sends the peer an alert unless close_notify was already sent. */
  async #fail(error: unknown): Promise<ChannelError> {
    if (this.#failure === null) {
      this.#failure = toChannelError(error);
      if (this.#closeSent) this.#records.wire.abort(this.#failure);
      else await endWithAlert(this.#records, this.#failure);
    }
    return this.#failure;
  }
}

function unanswered(): ChannelError {
  return fatalAlert("internal_error", "the peer did not answer a change of keys", "limit");
}
