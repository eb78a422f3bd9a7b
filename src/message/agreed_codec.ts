/** The codec for the options that the two sides of a channel have negotiated. */

import { EMPTY } from "../bytes.ts";
import {
  type Compression,
  type Compressor,
  DEFAULT_MAX_MESSAGE_SIZE,
  type MessageCodec,
  MessageDecoder,
  MessageEncoder,
} from "./codec.ts";
import { WINDOW_SIZE } from "./deflate/codes.ts";
import { DictionaryCompressor, MessageCompressor, StreamCompressor } from "./deflate/compressors.ts";
import { Inflater } from "./deflate/inflate.ts";

/** The options that the two sides of a channel have negotiated. */
export interface CodecOptions {
  /** The compression mode; `off` by default. */
  readonly compression?: Compression | undefined;
  /** A dictionary for compression that both sides share: 1 to 32,768 bytes; none by default. */
  readonly dictionary?: Uint8Array | undefined;
  /** The largest message that is accepted, in bytes; 16 MiB by default. */
  readonly maxMessageSize?: number | undefined;
}

/**
 * Checks the options.
 *
 * @throws {TypeError} If the compression is not a known mode.
 * @throws {RangeError} If the dictionary does not have 1 to 32,768 bytes.
 */
export function checkCodecOptions({ compression, dictionary }: CodecOptions): void {
  if (compression !== undefined && !["off", "message", "stream"].includes(compression)) {
    throw new TypeError("compression must be off, message or stream");
  }
  if (dictionary !== undefined && (dictionary.length < 1 || dictionary.length > WINDOW_SIZE)) {
    throw new RangeError(`a dictionary has 1 to ${WINDOW_SIZE} bytes, not ${dictionary.length}`);
  }
}

/** Makes the codec for options that {@link checkCodecOptions} accepts. */
export function messageCodec(options: CodecOptions): MessageCodec {
  const { compression = "off", maxMessageSize = DEFAULT_MAX_MESSAGE_SIZE } = options;
  const dictionary = new Uint8Array(options.dictionary ?? EMPTY); // a copy: the caller may change its array
  if (compression === "off") {
    return { encoder: new MessageEncoder(), decoder: new MessageDecoder(maxMessageSize) };
  }
  const inflater = new Inflater(maxMessageSize, dictionary);
  return {
    encoder: new MessageEncoder(compressor(compression, dictionary)),
    decoder: new MessageDecoder(maxMessageSize, compression, inflater),
  };
}

function compressor(compression: "message" | "stream", dictionary: Uint8Array): Compressor {
  if (compression === "stream") return new StreamCompressor(dictionary);
  return dictionary.length > 0 ? new DictionaryCompressor(dictionary) : new MessageCompressor();
}
