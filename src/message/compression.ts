/** A codec with compression, as it was agreed. */

import { EMPTY } from "../bytes.ts";
import {
  type Compression,
  type Compressor,
  DEFAULT_MAX_MESSAGE_SIZE,
  type MessageCodec,
  MessageDecoder,
  MessageEncoder,
} from "./codec.ts";
import { MessageCompressor } from "./compress.ts";
import { WINDOW_SIZE } from "./deflate_codes.ts";
import { Inflater } from "./inflate.ts";

/** What both sides of a channel have agreed on. */
export interface CodecOptions {
  /** `off` by default. */
  readonly compression?: Compression | undefined;
  /** What compression starts from: 1 to 32,768 bytes that both sides have; none by default. */
  readonly dictionary?: Uint8Array | undefined;
  /** Bytes in the largest message that is taken; 16 MiB by default. */
  readonly maxMessageSize?: number | undefined;
}

/**
 * The codec of a channel.
 *
 * @throws {RangeError} Where the dictionary is not 1 to 32,768 bytes.
 */
export async function messageCodec(options: CodecOptions): Promise<MessageCodec> {
  const { compression = "off", maxMessageSize = DEFAULT_MAX_MESSAGE_SIZE } = options;
  const dictionary = checkedDictionary(options);
  const inflater = compression === "off" ? undefined : new Inflater(maxMessageSize, dictionary);
  return {
    encoder: new MessageEncoder(await compressorFor(compression, dictionary)),
    decoder: new MessageDecoder(maxMessageSize, compression, inflater),
  };
}

/** The coder that keeps a window is loaded only for a channel that has one: a dictionary or a stream. */
async function compressorFor(
  compression: Compression,
  dictionary: Uint8Array,
): Promise<Compressor | undefined> {
  if (compression === "off") return undefined;
  if (compression === "message" && dictionary.length === 0) return new MessageCompressor();
  const { DictionaryCompressor, StreamCompressor } = await import("./window_compress.ts");
  return compression === "stream" ? new StreamCompressor(dictionary) : new DictionaryCompressor(dictionary);
}

function checkedDictionary({ dictionary }: CodecOptions): Uint8Array {
  if (dictionary === undefined) return EMPTY;
  if (dictionary.length < 1 || dictionary.length > WINDOW_SIZE) {
    throw new RangeError(`a dictionary has 1 to ${WINDOW_SIZE} bytes, not ${dictionary.length}`);
  }
  return dictionary.slice();
}
