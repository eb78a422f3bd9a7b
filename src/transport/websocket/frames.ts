/** Encodes and parses the frames of a WebSocket (RFC 6455 section 5), without input or output. */

import { concat, EMPTY, fromUtf8 } from "../../bytes.ts";
import { ChannelError } from "../../errors.ts";
import { CLOSE_CODE } from "./codes.ts";

/** The role of this end of a WebSocket. Clients mask their frames; servers do not. */
export type Role = "client" | "server";

/** The opcodes (RFC 6455 section 5.2). */
export const OPCODE = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

const FINAL = 0x80;
const RESERVED = 0x70;
const MASKED = 0x80;
const MAX_CONTROL_LENGTH = 125;

/** An event that results from a peer's frames. */
export type FrameEvent =
  /** Bytes of a binary message. Message boundaries have no meaning in a byte stream. */
  | { readonly type: "data"; readonly bytes: Uint8Array }
  /** The end of a binary message of this length. An empty message is a grant. */
  | { readonly type: "end of message"; readonly length: number }
  | { readonly type: "ping"; readonly bytes: Uint8Array }
  /** A frame of text. */
  | { readonly type: "text" }
  | { readonly type: "close"; readonly code: number; readonly reason: string };

/** Encodes one frame. */
export function encodeFrame(opcode: number, payload: Uint8Array, role: Role): Uint8Array {
  const { length } = payload;
  const extended = length <= 125 ? 0 : length <= 0xffff ? 2 : 8;
  const masked = role === "client";
  const start = 2 + extended + (masked ? 4 : 0);
  const frame = new Uint8Array(start + length);
  const view = new DataView(frame.buffer);
  frame[0] = FINAL | opcode;
  frame[1] = (masked ? MASKED : 0) | (extended === 0 ? length : extended === 2 ? 126 : 127);
  if (extended === 2) view.setUint16(2, length);
  if (extended === 8) view.setBigUint64(2, BigInt(length));
  frame.set(payload, start);
  if (masked) {
    const key = crypto.getRandomValues(frame.subarray(start - 4, start));
    mask(frame.subarray(start), key, 0);
  }
  return frame;
}

/** Encodes the payload of a close frame. */
export function closePayload(code: number): Uint8Array {
  return code === CLOSE_CODE.noStatus ? EMPTY : Uint8Array.of(code >> 8, code);
}

/** Reads frames from the bytes of a stream. Buffers only control frames, of at most 125 bytes, until they are complete. */
export class FrameParser {
  readonly #masked: boolean;
  readonly #header = new Uint8Array(14);
  #headerFilled = 0;
  #headerLength = 2;
  #left = 0;
  #maskOffset = 0;
  #control: Uint8Array = EMPTY;
  #inMessage = false;
  #messageLength = 0;

  /** `role` is the role of this end: a server accepts only masked frames, a client only unmasked frames. */
  constructor(role: Role) {
    this.#masked = role === "server";
  }

  /**
   * Yields the events in a chunk, in order.
   *
   * @throws {ChannelError} `protocol` if a frame is not allowed.
   */
  *parse(chunk: Uint8Array): Generator<FrameEvent> {
    for (let offset = 0; offset < chunk.length;) {
      if (this.#headerFilled < this.#headerLength) {
        this.#header[this.#headerFilled++] = chunk[offset++];
        if (this.#headerFilled === 2) this.#headerLength = this.#checkedHeaderLength();
        if (this.#headerFilled < this.#headerLength) continue;
        this.#left = this.#payloadLength();
        this.#maskOffset = 0;
      }
      const payload = chunk.subarray(offset, offset + this.#left);
      offset += payload.length;
      this.#left -= payload.length;
      const event = this.#event(this.#unmask(payload));
      if (event) yield event;
      if (this.#left > 0) continue;
      [this.#headerFilled, this.#headerLength] = [0, 2];
      if (this.#opcode < OPCODE.close && !this.#inMessage) yield this.#endOfMessage();
    }
  }

  get #opcode(): number {
    return this.#header[0] & 0x0f;
  }

  /** Checks the first two bytes of a header, and returns its length. */
  #checkedHeaderLength(): number {
    const [first, second] = this.#header;
    const opcode = this.#opcode;
    const length = second & 0x7f;
    if (first & RESERVED) throw fault("uses a reserved bit");
    if ((second & MASKED) !== 0 !== this.#masked) throw fault(this.#masked ? "is not masked" : "is masked");
    if (opcode >= OPCODE.close) {
      if (opcode > OPCODE.pong) throw fault("has an unknown opcode");
      if (!(first & FINAL) || length > MAX_CONTROL_LENGTH) {
        throw fault("is a control frame that is fragmented or too long");
      }
    } else {
      if (opcode > OPCODE.binary) throw fault("has an unknown opcode");
      if ((opcode === OPCODE.continuation) !== this.#inMessage) throw fault("breaks the order of fragments");
      this.#inMessage = !(first & FINAL);
    }
    return 2 + (length < 126 ? 0 : length === 126 ? 2 : 8) + (this.#masked ? 4 : 0);
  }

  /** Reads the length, which must have its shortest form (RFC 6455 section 5.2). */
  #payloadLength(): number {
    const short = this.#header[1] & 0x7f;
    if (short < 126) return short;
    const view = new DataView(this.#header.buffer);
    const length = short === 126 ? view.getUint16(2) : Number(view.getBigUint64(2));
    if (length <= (short === 126 ? 125 : 0xffff)) {
      throw fault("has a length that is not in its shortest form");
    }
    if (!Number.isSafeInteger(length)) throw fault("is too long");
    return length;
  }

  #unmask(payload: Uint8Array): Uint8Array {
    if (!this.#masked) return payload;
    const key = this.#header.subarray(this.#headerLength - 4, this.#headerLength);
    const plain = mask(new Uint8Array(payload), key, this.#maskOffset);
    this.#maskOffset = (this.#maskOffset + payload.length) % 4;
    return plain;
  }

  #event(payload: Uint8Array): FrameEvent | undefined {
    const opcode = this.#opcode;
    if (opcode === OPCODE.text) return { type: "text" };
    if (opcode < OPCODE.close) {
      this.#messageLength += payload.length;
      return payload.length > 0 ? { type: "data", bytes: payload } : undefined;
    }
    this.#control = concat(this.#control, payload);
    if (this.#left > 0) return undefined;
    const bytes = this.#control;
    this.#control = EMPTY;
    if (opcode === OPCODE.ping) return { type: "ping", bytes };
    return opcode === OPCODE.close ? closeEvent(bytes) : undefined;
  }

  #endOfMessage(): FrameEvent {
    const length = this.#messageLength;
    this.#messageLength = 0;
    return { type: "end of message", length };
  }
}

/** Reads the payload of a close frame (RFC 6455 sections 5.5.1 and 7.4). */
function closeEvent(payload: Uint8Array): FrameEvent {
  if (payload.length === 0) return { type: "close", code: CLOSE_CODE.noStatus, reason: "" };
  const code = payload[0] << 8 | payload[1];
  const known = code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
  if (payload.length < 2 || !known && !(code >= 3000 && code <= 4999)) {
    throw fault("closes with a code that is not allowed");
  }
  try {
    return { type: "close", code, reason: fromUtf8(payload.subarray(2)) };
  } catch {
    throw fault("closes with a reason that is not UTF-8");
  }
}

/** Masks or unmasks bytes in place (RFC 6455 section 5.3), four at a time if they are aligned. */
function mask(bytes: Uint8Array, key: Uint8Array, offset: number): Uint8Array {
  const { buffer, byteOffset, length } = bytes;
  const start = length < 8 ? length : -byteOffset & 3;
  for (let i = 0; i < start; i++) bytes[i] ^= key[(i + offset) & 3];
  if (start === length) return bytes;
  const words = new Uint32Array(buffer, byteOffset + start, (length - start) >> 2);
  const turned = Uint8Array.from(key, (_, i) => key[(start + offset + i) & 3]);
  const [word] = new Uint32Array(turned.buffer);
  for (let i = 0; i < words.length; i++) words[i] ^= word;
  for (let i = start + 4 * words.length; i < length; i++) bytes[i] ^= key[(i + offset) & 3];
  return bytes;
}

function fault(what: string): ChannelError {
  return new ChannelError("protocol", `a WebSocket frame ${what}`);
}
