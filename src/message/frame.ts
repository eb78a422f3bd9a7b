/**
 * The frames of fesa/1: flags (one byte), the payload's length (four bytes, big-endian), the payload. docs/protocol.md defines
 * every byte.
 */

import { concat, EMPTY } from "../bytes.ts";
import { ChannelError } from "../errors.ts";

/** The payload is DEFLATE data (RFC 1951). */
export const DEFLATED = 0x01;

/** The message becomes part of the streaming context. */
export const IN_CONTEXT = 0x02;

/** The control frames, by their flags. They are not messages and have no payload. */
export const Control = {
  /** No message follows in this direction. */
  end: 0x04,
  /** Asks for an answer, so that each side sees that the other is alive. */
  keepAlive: 0x05,
  /** Answers {@link Control.keepAlive}. */
  answer: 0x06,
} as const;

/** A control frame. */
export type Control = typeof Control[keyof typeof Control];

/** Bytes before each payload. */
const HEADER_LENGTH = 5;

/** Memory allocated for a payload before its bytes arrive. */
const FIRST_ROOM = 64 * 1024;

/** What a frame carries. */
export interface Frame {
  readonly flags: number;
  readonly payload: Uint8Array;
}

/** Returns a frame as parts, to be sent one after the other. */
export function frameParts({ flags, payload }: Frame): Uint8Array[] {
  const { length } = payload;
  const header = new Uint8Array(HEADER_LENGTH);
  header[0] = flags;
  header[1] = length >>> 24;
  header[2] = length >>> 16;
  header[3] = length >>> 8;
  header[4] = length;
  return length === 0 ? [header] : [header, payload];
}

/** Returns whether a frame is a control frame and not a message. */
export function isControl(flags: number): flags is Control {
  return flags >= Control.end && flags <= Control.answer;
}

/** Finds frames in bytes that arrive in any pieces. Memory grows with the bytes that arrive, not with the length claimed. */
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
  /** Bytes of payloads so far. */
  payloadBytes = 0;

  /** `flagsAllowed` are those of messages; control frames are always allowed. */
  constructor(maxLength: number, flagsAllowed: readonly number[]) {
    this.#maxLength = maxLength;
    this.#flagsAllowed = flagsAllowed;
  }

  /** Whether a frame is incomplete. */
  get inside(): boolean {
    return this.#headerFilled > 0 && !this.#whole;
  }

  /** Bytes of memory that an incomplete frame takes. */
  get held(): number {
    return this.inside ? this.#payload.length : 0;
  }

  get #whole(): boolean {
    return this.#headerFilled === HEADER_LENGTH && this.#payloadFilled === this.#length;
  }

  /** Takes the next bytes. */
  push(bytes: Uint8Array): void {
    const left = this.#chunk.subarray(this.#offset);
    this.#chunk = left.length === 0 ? bytes : concat(left, bytes);
    this.#offset = 0;
    this.#collect();
  }

  /** Returns the next whole frame, its payload in an array of its own, or null if more bytes are needed. */
  next(): Frame | null {
    if (this.#fault) throw this.#fault;
    if (!this.#whole) return null;
    const frame = { flags: this.#header[0], payload: this.#payload };
    this.#headerFilled = 0;
    this.#payload = EMPTY;
    this.#collect();
    return frame;
  }

  /** Copies from the chunk the bytes of the current frame. */
  #collect(): void {
    while (this.#headerFilled < HEADER_LENGTH) {
      if (this.#offset === this.#chunk.length) return this.#release();
      this.#header[this.#headerFilled++] = this.#chunk[this.#offset++];
      if (this.#headerFilled === HEADER_LENGTH) this.#begin();
    }
    if (this.#fault) return this.#release();
    const taken = Math.min(this.#length - this.#payloadFilled, this.#chunk.length - this.#offset);
    const end = this.#offset + taken;
    if (taken === this.#length) this.#payload = this.#chunk.slice(this.#offset, end);
    else {
      this.#makeRoom(this.#payloadFilled + taken);
      this.#payload.set(this.#chunk.subarray(this.#offset, end), this.#payloadFilled);
    }
    this.#payloadFilled += taken;
    this.payloadBytes += taken;
    this.#offset = end;
    if (this.#offset === this.#chunk.length) this.#release();
  }

  /** Checks a whole header and begins its frame. */
  #begin(): void {
    const [flags, a, b, c, d] = this.#header;
    this.#length = (a << 24 | b << 16 | c << 8 | d) >>> 0;
    this.#payloadFilled = 0;
    if (!isControl(flags) && !this.#flagsAllowed.includes(flags)) {
      this.#fault = new ChannelError(
        "protocol",
        `a message has flags 0x${flags.toString(16)}, which were not agreed on`,
      );
    } else if (isControl(flags) && this.#length > 0) {
      this.#fault = new ChannelError("protocol", "a control frame has a payload");
    } else if (this.#length > this.#maxLength) {
      this.#fault = new ChannelError(
        "limit",
        `a message of ${this.#length} bytes is over the limit of ${this.#maxLength}`,
      );
    }
  }

  /** Doubles the memory for the payload, up to the length that the frame claims. */
  #makeRoom(needed: number): void {
    if (needed <= this.#payload.length) return;
    const room = Math.max(needed, 2 * this.#payload.length, FIRST_ROOM);
    const larger = new Uint8Array(Math.min(this.#length, room));
    larger.set(this.#payload.subarray(0, this.#payloadFilled));
    this.#payload = larger;
  }

  /** Releases a chunk that is used up. */
  #release(): void {
    this.#chunk = EMPTY;
    this.#offset = 0;
  }
}
