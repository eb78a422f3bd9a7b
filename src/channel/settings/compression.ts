/** Compression of messages in the settings `native` and `off`. */

import { sha256 } from "../../crypto/hash.ts";
import { checkCodecOptions, messageCodec } from "../../message/agreed_codec.ts";
import type { Compression, MessageCodec } from "../../message/codec.ts";
import { type CompressionOffer, DICTIONARY_ID_LENGTH } from "../../preface.ts";

/** The compression options of both sides of `native` and `off`. */
export interface CompressionOptions {
  /**
   * The compression mode; `"message"` by default with `native`, `"off"` with `off`. If the modes of the two sides differ,
   * the weaker one is used.
   */
  readonly compression?: Compression;
  /** A dictionary that both sides share, 1 to 32,768 bytes. It improves the compression of small, similar messages. */
  readonly dictionary?: Uint8Array;
}

/**
 * Returns the offer of compression in the preface.
 *
 * @throws {TypeError} If `compression` is not a known mode.
 * @throws {RangeError} If the dictionary does not have 1 to 32,768 bytes.
 */
export function compressionOffer(options: CompressionOptions, byDefault: Compression): CompressionOffer {
  checkCodecOptions(options);
  const { compression = byDefault, dictionary } = options;
  return {
    mode: compression,
    dictionaryId: dictionary && sha256(dictionary).subarray(0, DICTIONARY_ID_LENGTH),
  };
}

/** Returns the codec for the negotiated compression. */
export function agreedCodec(
  { mode, dictionaryId }: CompressionOffer,
  { dictionary }: CompressionOptions,
  maxMessageSize: number,
): MessageCodec {
  return messageCodec({ compression: mode, dictionary: dictionaryId && dictionary, maxMessageSize });
}
