/** The codec of a channel, as its two sides have agreed on it. */

import { EMPTY } from "../bytes.ts";
import { load } from "../load.ts";
import {
  type Compression,
  type Compressor,
  DEFAULT_MAX_MESSAGE_SIZE,
  type MessageCodec,
  MessageDecoder,
  MessageEncoder,
} from "./codec.ts";
import { MessageCompressor } from "./compress.ts";
import { Inflater } from "./inflate.ts";
import { WINDOW_SIZE } from "./window_size.ts";

/** What both sides of a channel have agreed on. */
export interface CodecOptions {
  /** `off` by default. */
  readonly compression?: Compression | undefined;
  /** What compression starts from: 1 to 32,768 bytes that both sides have; none by default. */
  readonly dictionary?: Uint8Array | undefined;
  /** Bytes in the largest message that is taken; 16 MiB by default. */
  readonly maxMessageSize?: number | undefined;
}

/** Refuses a compression that is none, by a TypeError, and a dictionary that is not 1 to 32,768 bytes, by a RangeError. */
export function checkCodecOptions({ compression, dictionary }: CodecOptions): void {
  if (compression !== undefined && !["off", "message", "stream"].includes(compression)) {
    throw new TypeError("compression is off, message or stream");
  }
  if (dictionary !== undefined && (dictionary.length < 1 || dictionary.length > WINDOW_SIZE)) {
    throw new RangeError(`a dictionary has 1 to ${WINDOW_SIZE} bytes, not ${dictionary.length}`);
  }
}

/**
 * Makes the codec of options that {@link checkCodecOptions} lets pass. What keeps a window is loaded for a
 * channel that has one; what compresses without, with the first message that may become shorter.
 */
export async function messageCodec(options: CodecOptions): Promise<MessageCodec> {
  const { compression = "off", maxMessageSize = DEFAULT_MAX_MESSAGE_SIZE } = options;
  const dictionary = options.dictionary?.slice() ?? EMPTY; // whatever becomes of the caller's
  if (compression === "off") {
    return { encoder: new MessageEncoder(), decoder: new MessageDecoder(maxMessageSize) };
  }
  const compressor = compression === "message" && dictionary.length === 0
    ? new MessageCompressor()
    : await windowCompressor(compression, dictionary);
  const inflater = new Inflater(maxMessageSize, dictionary);
  return {
    encoder: new MessageEncoder(compressor),
    decoder: new MessageDecoder(maxMessageSize, compression, inflater),
  };
}

async function windowCompressor(
  compression: "message" | "stream",
  dictionary: Uint8Array,
): Promise<Compressor> {
  const { DictionaryCompressor, StreamCompressor } = await load(import("./window_compress.ts"));
  return compression === "stream" ? new StreamCompressor(dictionary) : new DictionaryCompressor(dictionary);
}
