/** Messages to frames and back, without any input or output. The compressor and the inflater are handed in. */

import { DEFLATED, type Frame, frameParts, FrameReader, IN_CONTEXT } from "./frame.ts";

/** The largest message if nothing else is configured: 16 MiB. */
export const DEFAULT_MAX_MESSAGE_SIZE: number = 16 * 1024 * 1024;

/**
 * How messages are compressed: `off` never; `message` each on its own; `stream` each with the previous ones as its window,
 * which saves the most on many small messages, but lets a message's length reveal something about the others.
 */
export type Compression = "off" | "message" | "stream";

/** Compresses messages in the order they are sent. One call at a time. */
export interface Compressor {
  pack(message: Uint8Array): Promise<Frame>;
}

/** Inflates messages in the order they arrive. One call at a time. */
export interface Decompressor {
  /** Inflates one complete DEFLATE stream; throws {@link ChannelError} `limit` or `protocol`. */
  inflate(payload: Uint8Array): Promise<Uint8Array>;
  /** Lets later messages refer to this one. */
  remember(message: Uint8Array): void;
}

/** Both directions of a channel's messages. */
export interface MessageCodec {
  readonly encoder: MessageEncoder;
  readonly decoder: MessageDecoder;
}

/** Turns messages into frames, which must be sent in the order they were made. One call at a time. */
export class MessageEncoder {
  readonly #compressor: Compressor | undefined;

  constructor(compressor?: Compressor) {
    this.#compressor = compressor;
  }

  /**
   * Returns the parts of one frame, to be sent one after the other; the last may be the message itself. Compressing a
   * large message takes several turns of the event loop.
   *
   * @param compress False keeps the message out of any compression, and of the streaming context; true, the default,
   * compresses if that was agreed on and makes the message shorter.
   */
  encode(message: Uint8Array, compress = true): Uint8Array[] | Promise<Uint8Array[]> {
    if (!compress || !this.#compressor) return frameParts({ flags: 0, payload: message });
    return this.#compressor.pack(message).then(frameParts);
  }
}

/** Turns bytes, in any pieces, into frames, and frames into messages. After an error it must not be used. */
export class MessageDecoder {
  readonly #frames: FrameReader;
  readonly #inflater: Decompressor | undefined;

  /** Decodes messages of at most `maxMessageSize` bytes, compressed as was agreed. */
  constructor(maxMessageSize: number, compression: Compression = "off", inflater?: Decompressor) {
    this.#frames = new FrameReader(maxMessageSize, FLAGS[compression]);
    this.#inflater = inflater;
  }

  /** Bytes of payloads that have arrived so far. */
  get payloadBytes(): number {
    return this.#frames.payloadBytes;
  }

  /** Whether a frame is incomplete. */
  get inside(): boolean {
    return this.#frames.inside;
  }

  /** Bytes of memory that an incomplete frame takes. */
  get held(): number {
    return this.#frames.held;
  }

  /** Frees the memory of an incomplete message, which will not be completed. */
  giveUp(): void {
    this.#frames.giveUp();
  }

  /** Takes the next bytes; they are neither kept nor changed after their frames have been taken. */
  push(bytes: Uint8Array): void {
    this.#frames.push(bytes);
  }

  /**
   * Returns the next whole frame; null if more bytes are needed.
   *
   * @throws {ChannelError} `limit` if its payload is over the limit; `protocol` if its flags were not negotiated.
   */
  next(): Frame | null {
    return this.#frames.next();
  }

  /**
   * Returns the message of a frame, an array of its own. Every frame of a message has to be decoded, in order. Inflating a
   * large message takes several turns of the event loop.
   *
   * @throws {ChannelError} `limit` if it inflates to more than the limit; `protocol` if the payload is not one whole DEFLATE
   * stream.
   */
  decode(frame: Frame): Uint8Array | Promise<Uint8Array> {
    if (!this.#inflater) return frame.payload; // the reader lets no other flags through
    return this.#inflate(frame, this.#inflater);
  }

  async #inflate({ flags, payload }: Frame, inflater: Decompressor): Promise<Uint8Array> {
    const message = flags & DEFLATED ? await inflater.inflate(payload) : payload;
    if (flags & IN_CONTEXT) inflater.remember(message);
    return message;
  }
}

/** The flags that a message's frame may have. */
const FLAGS: Record<Compression, readonly number[]> = {
  off: [0],
  message: [0, DEFLATED],
  stream: [0, IN_CONTEXT, IN_CONTEXT | DEFLATED],
};
