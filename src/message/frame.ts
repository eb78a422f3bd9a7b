/** The frames of fesa/1: flags (one byte), the payload's length (four bytes, big-endian), the payload. */

import { concat, EMPTY } from "../bytes.ts";
import { ChannelError } from "../errors.ts";

/** Bytes in front of each payload. */
export const HEADER_LENGTH = 5;

/** A frame whose payload is at most so long is one array; a longer payload is not copied. */
const MAX_COPIED = 1024;

/** Room that is taken for a payload before its bytes are there. */
const FIRST_ROOM = 64 * 1024;

/** What a frame carries. */
export interface Frame {
  readonly flags: number;
  readonly payload: Uint8Array;
}

/** A frame as parts, to be sent one behind the other. */
export function frameParts({ flags, payload }: Frame): Uint8Array[] {
  const copied = payload.length <= MAX_COPIED;
  const first = new Uint8Array(HEADER_LENGTH + (copied ? payload.length : 0));
  first[0] = flags;
  first[1] = payload.length >>> 24;
  first[2] = payload.length >>> 16;
  first[3] = payload.length >>> 8;
  first[4] = payload.length;
  if (!copied) return [first, payload];
  first.set(payload, HEADER_LENGTH);
  return [first];
}

/** Finds frames in bytes that come in any pieces; memory is taken as the bytes come, never for what a length claims. */
export class FrameReader {
  readonly #maxLength: number;
  readonly #flagsAllowed: readonly number[];
  #chunk: Uint8Array = EMPTY;
  #offset = 0;
  readonly #header = new Uint8Array(HEADER_LENGTH);
  #headerFilled = 0;
  #length = 0;
  #payload: Uint8Array = EMPTY;
  #payloadFilled = 0;
  #fault: ChannelError | undefined;

  constructor(maxLength: number, flagsAllowed: readonly number[]) {
    this.#maxLength = maxLength;
    this.#flagsAllowed = flagsAllowed;
  }

  /** Whether {@link next} has a frame, or an error. */
  get ready(): boolean {
    return this.#fault !== undefined ||
      this.#headerFilled === HEADER_LENGTH && this.#payloadFilled === this.#length;
  }

  /** Whether a frame has begun and is not whole. */
  get inside(): boolean {
    return !this.ready && this.#headerFilled > 0;
  }

  /** Takes the next bytes. */
  push(bytes: Uint8Array): void {
    const left = this.#chunk.subarray(this.#offset);
    this.#chunk = left.length === 0 ? bytes : concat(left, bytes);
    this.#offset = 0;
    this.#collect();
  }

  /** The next whole frame, its payload an array of its own, or null where more bytes have to come first. */
  next(): Frame | null {
    if (this.#fault) throw this.#fault;
    if (!this.ready) return null;
    const frame = { flags: this.#header[0], payload: this.#payload };
    this.#headerFilled = 0;
    this.#payload = EMPTY;
    this.#collect();
    return frame;
  }

  /** Takes from the chunk what belongs to the frame that is being collected. */
  #collect(): void {
    while (this.#headerFilled < HEADER_LENGTH) {
      if (this.#offset === this.#chunk.length) return this.#release();
      this.#header[this.#headerFilled++] = this.#chunk[this.#offset++];
      if (this.#headerFilled === HEADER_LENGTH) this.#begin();
    }
    if (this.#fault) return this.#release();
    const taken = this.#chunk.subarray(this.#offset, this.#offset + this.#length - this.#payloadFilled);
    if (taken.length === this.#length) this.#payload = taken.slice();
    else {
      this.#makeRoom(this.#payloadFilled + taken.length);
      this.#payload.set(taken, this.#payloadFilled);
    }
    this.#payloadFilled += taken.length;
    this.#offset += taken.length;
    if (this.#offset === this.#chunk.length) this.#release();
  }

  /** The header is whole: its frame begins, if it may. */
  #begin(): void {
    const [flags, a, b, c, d] = this.#header;
    this.#length = (a << 24 | b << 16 | c << 8 | d) >>> 0;
    this.#payloadFilled = 0;
    if (!this.#flagsAllowed.includes(flags)) {
      this.#fault = new ChannelError(
        "protocol",
        `a message has flags 0x${flags.toString(16)}, which were not agreed on`,
      );
    } else if (this.#length > this.#maxLength) {
      this.#fault = new ChannelError(
        "limit",
        `a message of ${this.#length} bytes is over the limit of ${this.#maxLength}`,
      );
    }
  }

  /** Doubles the room for the payload until it is as long as the frame says. */
  #makeRoom(needed: number): void {
    if (needed <= this.#payload.length) return;
    const room = Math.max(needed, 2 * this.#payload.length, FIRST_ROOM);
    const larger = new Uint8Array(Math.min(this.#length, room));
    larger.set(this.#payload.subarray(0, this.#payloadFilled));
    this.#payload = larger;
  }

  /** Lets go of a chunk that is used up. */
  #release(): void {
    this.#chunk = EMPTY;
    this.#offset = 0;
  }
}
