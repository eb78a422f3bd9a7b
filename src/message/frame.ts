/**
 * The frames of fesa/1: flags (one byte), the length of the payload (four bytes, big-endian), and the payload.
 * docs/protocol.md defines every byte.
 */

import { concat, EMPTY, join } from "../bytes.ts";
import { ChannelError } from "../errors.ts";

/** The payload is DEFLATE data (RFC 1951). */
export const DEFLATED = 0x01;

/** The message becomes part of the window for later messages. */
export const IN_CONTEXT = 0x02;

/** The control frames and their flags. They are not messages and have no payload. */
export const Control = {
  /** No message follows in this direction. */
  end: 0x04,
  /** Requests an answer, so that each side knows that the other is alive. */
  keepAlive: 0x05,
  /** Answers {@link Control.keepAlive}. */
  answer: 0x06,
} as const;

/** A control frame. */
export type Control = typeof Control[keyof typeof Control];

/** The length of a frame's header, in bytes. */
const HEADER_LENGTH = 5;

/** The smallest and the largest block of memory, in bytes, for a payload that arrives in parts. */
const SMALLEST_BLOCK = 64 * 1024;
const LARGEST_BLOCK = 1024 * 1024;

/** A frame. */
export interface Frame {
  readonly flags: number;
  readonly payload: Uint8Array;
}

/** Returns the parts of a frame, which must be sent one after the other. */
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

/** Returns whether these are the flags of a control frame. */
export function isControl(flags: number): flags is Control {
  return flags >= Control.end && flags <= Control.answer;
}

/**
 * Reads frames from the bytes of a stream. The memory grows with the bytes that arrive and not with the claimed length: a
 * payload is collected in blocks, which are joined when it is complete.
 */
export class FrameReader {
  readonly #maxLength: number;
  readonly #flagsAllowed: readonly number[];
  #chunk: Uint8Array = EMPTY;
  #offset = 0;
  readonly #header = new Uint8Array(HEADER_LENGTH);
  #headerFilled = 0;
  #length = 0;
  #blocks: Uint8Array[] = [];
  /** The number of payload bytes that have arrived, and the room left in the last block. */
  #filled = 0;
  #room = 0;
  #fault: ChannelError | undefined;
  /** The number of payload bytes so far. */
  payloadBytes = 0;

  /** `flagsAllowed` lists the flags that messages may have. Control frames are always allowed. */
  constructor(maxLength: number, flagsAllowed: readonly number[]) {
    this.#maxLength = maxLength;
    this.#flagsAllowed = flagsAllowed;
  }

  /** Whether a frame has begun and is incomplete. */
  get inside(): boolean {
    return this.#headerFilled > 0 && !this.#whole;
  }

  /** The memory of an incomplete frame, in bytes. */
  get held(): number {
    return this.inside ? this.#filled + this.#room : 0;
  }

  get #whole(): boolean {
    return this.#headerFilled === HEADER_LENGTH && this.#filled === this.#length;
  }

  /** Adds the next bytes of the stream. */
  push(bytes: Uint8Array): void {
    const left = this.#chunk.subarray(this.#offset);
    this.#chunk = left.length === 0 ? bytes : concat(left, bytes);
    this.#offset = 0;
    this.#collect();
  }

  /** Returns the next complete frame, with its payload in a separate array, or null if more bytes are needed. */
  next(): Frame | null {
    if (this.#fault) throw this.#fault;
    if (!this.#whole) return null;
    const payload = this.#blocks.length === 1 ? this.#blocks[0] : join(this.#blocks);
    const frame = { flags: this.#header[0], payload };
    this.#headerFilled = 0;
    this.#blocks = [];
    this.#collect();
    return frame;
  }

  /** Frees the memory of an incomplete frame, which will not be completed. */
  giveUp(): void {
    if (!this.inside) return;
    this.#blocks = [];
    this.#room = 0;
  }

  /** Copies the bytes of the current frame from the chunk. */
  #collect(): void {
    while (this.#headerFilled < HEADER_LENGTH) {
      if (this.#offset === this.#chunk.length) return this.#release();
      this.#header[this.#headerFilled++] = this.#chunk[this.#offset++];
      if (this.#headerFilled === HEADER_LENGTH) this.#begin();
    }
    if (this.#fault) return this.#release();
    const end = Math.min(this.#chunk.length, this.#offset + this.#length - this.#filled);
    const taken = end - this.#offset;
    if (taken === this.#length) this.#blocks = [new Uint8Array(this.#chunk.subarray(this.#offset, end))];
    else this.#copy(this.#chunk.subarray(this.#offset, end));
    this.#filled += taken;
    this.payloadBytes += taken;
    this.#offset = end;
    if (this.#offset === this.#chunk.length) this.#release();
  }

  /** Checks a complete header and begins its frame. */
  #begin(): void {
    const [flags, a, b, c, d] = this.#header;
    this.#length = (a << 24 | b << 16 | c << 8 | d) >>> 0;
    this.#filled = 0;
    if (!isControl(flags) && !this.#flagsAllowed.includes(flags)) {
      this.#fault = new ChannelError(
        "protocol",
        `a message has flags 0x${flags.toString(16)}, which were not negotiated`,
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

  /** Copies the next bytes of the payload into blocks. */
  #copy(bytes: Uint8Array): void {
    for (let offset = 0; offset < bytes.length;) {
      if (this.#room === 0) this.#addBlock(this.#filled + offset);
      const block = this.#blocks[this.#blocks.length - 1];
      const part = bytes.subarray(offset, offset + this.#room);
      block.set(part, block.length - this.#room);
      this.#room -= part.length;
      offset += part.length;
    }
  }

  /** Adds a block with as much memory as the payload has filled so far, within the limits of a block. */
  #addBlock(filled: number): void {
    const again = Math.min(Math.max(filled, SMALLEST_BLOCK), LARGEST_BLOCK);
    this.#room = Math.min(again, this.#length - filled);
    this.#blocks.push(new Uint8Array(this.#room));
  }

  /** Releases a chunk whose bytes have all been copied. */
  #release(): void {
    this.#chunk = EMPTY;
    this.#offset = 0;
  }
}
