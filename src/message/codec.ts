/**
 * Encodes messages as frames and decodes frames, without input or output. The compressor and the inflater are parameters.
 */

import { DEFLATED, type Frame, frameParts, FrameReader, IN_CONTEXT } from "./frame.ts";

/** The default limit on the size of a message, in bytes. */
export const DEFAULT_MAX_MESSAGE_SIZE: number = 16 * 1024 * 1024;

/**
 * How messages are compressed. `off`: not at all. `message`: each message on its own. `stream`: each message with the
 * previous messages as its window, which saves the most for many small messages, but lets a message's length reveal
 * something about other messages.
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

/** Encodes messages as frames, which must be sent in the order in which they were made. One call at a time. */
export class MessageEncoder {
  readonly #compressor: Compressor | undefined;

  constructor(compressor?: Compressor) {
    this.#compressor = compressor;
  }

  /**
   * Returns the parts of one frame, which must be sent one after the other. The last part may be the message itself.
   * Compressing a large message takes several turns of the event loop.
   *
   * @param compress True, the default, compresses if compression was negotiated and makes the message shorter. False never
   * compresses, and keeps the message out of the window for later messages.
   */
  encode(message: Uint8Array, compress = true): Uint8Array[] | Promise<Uint8Array[]> {
    if (!compress || !this.#compressor) return frameParts({ flags: 0, payload: message });
    return this.#compressor.pack(message).then(frameParts);
  }
}

/** Reads frames from the bytes of a stream, and decodes frames to messages. After an error it must not be used. */
export class MessageDecoder {
  readonly #frames: FrameReader;
  readonly #inflater: Decompressor | undefined;

  /** Makes a decoder for messages of at most `maxMessageSize` bytes with the negotiated compression. */
  constructor(maxMessageSize: number, compression: Compression = "off", inflater?: Decompressor) {
    this.#frames = new FrameReader(maxMessageSize, FLAGS[compression]);
    this.#inflater = inflater;
  }

  /** The number of payload bytes that have arrived so far. */
  get payloadBytes(): number {
    return this.#frames.payloadBytes;
  }

  /** Whether a frame has begun and is incomplete. */
  get inside(): boolean {
    return this.#frames.inside;
  }

  /** The memory of an incomplete frame, in bytes. */
  get held(): number {
    return this.#frames.held;
  }

  /** Frees the memory of an incomplete message, which will not be completed. */
  giveUp(): void {
    this.#frames.giveUp();
  }

  /** Adds the next bytes of the stream. They are not changed, and not kept after their frames have been taken. */
  push(bytes: Uint8Array): void {
    this.#frames.push(bytes);
  }

  /**
   * Returns the next complete frame, or null if more bytes are needed.
   *
   * @throws {ChannelError} `limit` if its payload is over the limit; `protocol` if its flags were not negotiated.
   */
  next(): Frame | null {
    return this.#frames.next();
  }

  /**
   * Returns the message of a frame in a separate array. Every message's frame must be decoded, in order. Inflating a large
   * message takes several turns of the event loop.
   *
   * @throws {ChannelError} `limit` if the inflated message exceeds the limit; `protocol` if the payload is not exactly one
   * DEFLATE stream.
   */
  decode(frame: Frame): Uint8Array | Promise<Uint8Array> {
    if (!this.#inflater) return frame.payload; // the reader has refused all flags of compression
    return this.#inflate(frame, this.#inflater);
  }

  async #inflate({ flags, payload }: Frame, inflater: Decompressor): Promise<Uint8Array> {
    const message = flags & DEFLATED ? await inflater.inflate(payload) : payload;
    if (flags & IN_CONTEXT) inflater.remember(message);
    return message;
  }
}

/** The flags that the frame of a message may have. */
const FLAGS: Record<Compression, readonly number[]> = {
  off: [0],
  message: [0, DEFLATED],
  stream: [0, IN_CONTEXT, IN_CONTEXT | DEFLATED],
};
