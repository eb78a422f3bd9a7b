/** The native setting's records: encrypted pieces of the byte stream, its end, and its failure. */

import { concat, EMPTY, pieces } from "../bytes.ts";
import { ChannelError, type ErrorCode } from "../errors.ts";
import type { Session } from "../session.ts";
import type { Wire } from "../wire.ts";
import { type CipherState, TAG_LENGTH } from "./cipher_state.ts";
import type { NativeInfo } from "./profile.ts";

const HEADER_LENGTH = 2;

/**
 * Plaintext in one record: one byte less than Noise allows, so that in a batch, which begins 2 bytes behind a multiple
 * of 4, every ciphertext begins on a multiple of 4, where the cipher is fastest.
 */
const MAX_PLAINTEXT = 65_518;

/** Records sealed into one buffer and written at once: about 256 KiB. */
const BATCH_RECORDS = 4;

/** Each direction takes a new key after every 65,536 records. */
const REKEY_MASK = 0xffffn;

/** In the place of a length, where no ciphertext is this short: a failure follows, one sealed byte. */
const FAILURE_MARK = 1;
const FAILURE_HEADER: Uint8Array = Uint8Array.of(0, FAILURE_MARK);
const FAILURE_LENGTH = 1 + TAG_LENGTH;

/** What a failure's byte says: a place in this list; whatever is not in it counts as the first. */
const FAILURES: readonly ErrorCode[] = ["aborted", "protocol", "decrypt", "limit", "untrusted", "timeout"];

/** A session of the native setting. */
export class NoiseSession implements Session {
  /** What the handshake agreed. */
  readonly info: NativeInfo;
  readonly keyExchanges = 1;
  readonly #wire: Wire;
  readonly #sender: CipherState;
  readonly #receiver: CipherState;
  #closed = false;
  #peerClosed = false;
  #failure: unknown;

  constructor(wire: Wire, info: NativeInfo, sender: CipherState, receiver: CipherState) {
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
      await this.#wire.write(this.#seal(batch));
      batch = [];
    }
    if (batch.length > 0) await this.#wire.write(this.#seal(batch));
  }

  async read(): Promise<Uint8Array | null> {
    if (this.#failure) throw this.#failure;
    if (this.#peerClosed) return null;
    try {
      return await this.#readRecord();
    } catch (error) {
      this.#failure = error; // what comes after a failure counts for nothing, even if it authenticates
      throw error;
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#wire.write(this.#seal([EMPTY]));
  }

  async abort(error: ChannelError): Promise<void> {
    this.#closed = true;
    await this.#wire.abortAfter(error, () => this.#wire.write(this.#sealFailure(error)));
  }

  /** Seals each plaintext into a record of its own, all in one buffer. */
  #seal(plaintexts: readonly Uint8Array[]): Uint8Array {
    let length = 0;
    for (const plaintext of plaintexts) length += HEADER_LENGTH + plaintext.length + TAG_LENGTH;
    const records = new Uint8Array(HEADER_LENGTH + length).subarray(HEADER_LENGTH); // see MAX_PLAINTEXT
    let offset = 0;
    for (const plaintext of plaintexts) {
      const sealed = plaintext.length + TAG_LENGTH;
      records[offset++] = sealed >> 8;
      records[offset++] = sealed;
      this.#sender.encryptWithAd(EMPTY, plaintext, records.subarray(offset, offset += sealed));
      rekeyInTime(this.#sender);
    }
    return records;
  }

  async #readRecord(): Promise<Uint8Array | null> {
    const [high, low] = await this.#wire.take(HEADER_LENGTH);
    const length = high << 8 | low;
    if (length === FAILURE_MARK) throw await this.#readFailure();
    if (length < TAG_LENGTH) throw new ChannelError("protocol", "a record is too short");

    const plaintext = this.#open(EMPTY, await this.#wire.take(length));
    if (plaintext.length > 0) return plaintext;
    this.#peerClosed = true;
    return null;
  }

  #open(ad: Uint8Array, ciphertext: Uint8Array): Uint8Array {
    const plaintext = this.#receiver.decryptWithAd(ad, ciphertext);
    rekeyInTime(this.#receiver);
    return plaintext;
  }

  /** The header is authenticated here, so that a failure and data cannot be taken for each other. */
  #sealFailure({ code }: ChannelError): Uint8Array {
    const reason = Uint8Array.of(Math.max(FAILURES.indexOf(code), 0));
    return concat(FAILURE_HEADER, this.#sender.encryptWithAd(FAILURE_HEADER, reason));
  }

  async #readFailure(): Promise<ChannelError> {
    const [reason] = this.#open(FAILURE_HEADER, await this.#wire.take(FAILURE_LENGTH));
    const code = FAILURES[reason] ?? FAILURES[0];
    return new ChannelError("alert", `the peer ended the session: ${code}`, { direction: "received" });
  }
}

/** Both sides count the records alike: the nonce goes on across keys. */
function rekeyInTime(cipher: CipherState): void {
  if ((cipher.nonce & REKEY_MASK) === 0n) cipher.rekey();
}
