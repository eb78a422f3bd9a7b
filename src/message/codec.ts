/** Messages to bytes and back: framing, without any input or output. Who compresses is given. */

import { ChannelError } from "../errors.ts";
import { DEFLATED, IN_CONTEXT } from "./flags.ts";
import { type Frame, frameParts, FrameReader } from "./frame.ts";

/** The largest message where nothing else is said: 16 MiB. */
export const DEFAULT_MAX_MESSAGE_SIZE: number = 16 * 1024 * 1024;

/**
 * How messages are compressed: `off` never; `message` each for itself; `stream` each behind those before it, which
 * saves most on many small messages, and lets their lengths tell about one another.
 */
export type Compression = "off" | "message" | "stream";

/** Compresses messages, in the order in which they are sent. */
export interface Compressor {
  /** A promise only where something has to be loaded first. */
  pack(message: Uint8Array): Frame | Promise<Frame>;
}

/** Inflates messages, in the order in which they come. */
export interface Decompressor {
  /** Inflates one complete DEFLATE stream; throws {@link ChannelError} `limit` or `protocol`. */
  inflate(payload: Uint8Array): Uint8Array;
  /** Lets later messages refer to this one. */
  remember(message: Uint8Array): void;
}

/** Both directions of a channel's messages. */
export interface MessageCodec {
  readonly encoder: MessageEncoder;
  readonly decoder: MessageDecoder;
}

/** Turns messages into frames. With `stream`, frames have to be sent in the order in which they were encoded. */
export class MessageEncoder {
  readonly #compressor: Compressor | undefined;

  constructor(compressor?: Compressor) {
    this.#compressor = compressor;
  }

  /**
   * The parts of one frame, to be sent one behind the other; the last may be the message itself.
   *
   * @param compress False keeps the message out of any compression, and of the streaming context; true, the default,
   * compresses where that was agreed on and makes the message shorter.
   */
  encode(message: Uint8Array, compress = true): Uint8Array[] | Promise<Uint8Array[]> {
    if (!compress || !this.#compressor) return frameParts({ flags: 0, payload: message });
    const packed = this.#compressor.pack(message);
    return "payload" in packed ? frameParts(packed) : packed.then(frameParts);
  }
}

/** Turns bytes, in whatever pieces they come, into messages. After an error it is dead. */
export class MessageDecoder {
  readonly #frames: FrameReader;
  readonly #inflater: Decompressor | undefined;

  /** Messages of at most so many bytes, compressed as was agreed. */
  constructor(maxMessageSize: number, compression: Compression = "off", inflater?: Decompressor) {
    this.#frames = new FrameReader(maxMessageSize, FLAGS[compression]);
    this.#inflater = inflater;
  }

  /** Whether {@link next} would give a message or throw. */
  get ready(): boolean {
    return this.#frames.ready;
  }

  /** Takes the next bytes; they are not kept or changed once their messages were taken. */
  push(bytes: Uint8Array): void {
    this.#frames.push(bytes);
  }

  /**
   * The next message, an array of its own; null where more bytes have to come first.
   *
   * @throws {ChannelError} `limit` where a message is or inflates to more than the limit; `protocol` where the frame's
   * flags were not agreed on, or its payload is not one whole DEFLATE stream.
   */
  next(): Uint8Array | null {
    const frame = this.#frames.next();
    if (frame === null) return null;
    const { flags, payload } = frame;
    if (!this.#inflater) return payload; // the reader lets no other flags through
    const message = flags & DEFLATED ? this.#inflater.inflate(payload) : payload;
    if (flags & IN_CONTEXT) this.#inflater.remember(message);
    return message;
  }

  /**
   * Says that no more bytes come.
   *
   * @throws {ChannelError} `truncated` in the middle of a message.
   */
  end(): void {
    if (this.#frames.inside) {
      throw new ChannelError("truncated", "the peer closed in the middle of a message");
    }
  }
}

/** The flags that a frame may have. */
const FLAGS: Record<Compression, readonly number[]> = {
  off: [0],
  message: [0, DEFLATED],
  stream: [0, IN_CONTEXT, IN_CONTEXT | DEFLATED],
};
