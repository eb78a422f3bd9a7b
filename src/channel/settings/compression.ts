/** Compression of messages in the settings `native` and `off`. */

import { sha256 } from "../../crypto/hash.ts";
import { checkCodecOptions, messageCodec } from "../../message/agreed_codec.ts";
import type { Compression, MessageCodec } from "../../message/codec.ts";
import { type CompressionOffer, DICTIONARY_ID_LENGTH } from "../../preface.ts";

/** What both sides of `native` and `off` may choose about compression. */
export interface CompressionOptions {
  /** `"message"` by default with `native`, `"off"` with `off`. The weaker of both sides' modes is used. */
  readonly compression?: Compression;
  /** A dictionary that both sides share, 1 to 32,768 bytes; helps with many small, similar messages. */
  readonly dictionary?: Uint8Array;
}

/**
 * Returns what the preface says about compression.
 *
 * @throws {TypeError} If `compression` is not a known mode.
 * @throws {RangeError} If the dictionary is not 1 to 32,768 bytes.
 */
export function compressionOffer(options: CompressionOptions, byDefault: Compression): CompressionOffer {
  checkCodecOptions(options);
  const { compression = byDefault, dictionary } = options;
  return {
    mode: compression,
    dictionaryId: dictionary && sha256(dictionary).subarray(0, DICTIONARY_ID_LENGTH),
  };
}

/** Messages as both sides agreed to compress them. */
export function agreedCodec(
  { mode, dictionaryId }: CompressionOffer,
  { dictionary }: CompressionOptions,
  maxMessageSize: number,
): MessageCodec {
  return messageCodec({ compression: mode, dictionary: dictionaryId && dictionary, maxMessageSize });
}
