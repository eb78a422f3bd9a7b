/** The settings `native` and `off`: what their sessions are asked to do, and what they settled. */

import { sha256 } from "../../crypto/hash.ts";
import type { MessageCodec } from "../../message/codec.ts";
import { checkCodecOptions, messageCodec } from "../../message/agreed_codec.ts";
import type { NoiseSession } from "../../noise/session.ts";
import type { OffSession } from "../../off/session.ts";
import { type CompressionOffer, DICTIONARY_ID_LENGTH } from "../../preface.ts";
import type { Agreement } from "../establish.ts";
import type { CompressionOptions, NativeClient, NativeServer, OffSetting } from "./mod.ts";

/**
 * What the preface says about compression.
 *
 * @throws {TypeError} Where the compression is none that there is.
 * @throws {RangeError} Where the dictionary is not 1 to 32,768 bytes.
 */
export function compressionOffer(options: NativeClient | NativeServer | OffSetting): CompressionOffer {
  checkCodecOptions(options);
  const { compression = options.setting === "native" ? "message" : "off", dictionary } = options;
  return {
    mode: compression,
    dictionaryId: dictionary && sha256(dictionary).subarray(0, DICTIONARY_ID_LENGTH),
  };
}

/** What a native session settled, and how messages pass through it. */
export async function nativeAgreement(
  options: CompressionOptions,
  { info }: NoiseSession,
  authenticated: boolean,
  maxMessageSize: number,
): Promise<Agreement> {
  const { protocol, peerKey, compression, handshake } = info;
  return {
    info: {
      setting: "native",
      protocol,
      cipherSuite: "ChaChaPoly",
      keyBits: 256,
      framing: "fesa/1",
      compression: compression.mode,
      authenticated,
      peer: peerKey ? { staticKey: peerKey } : {},
      handshake,
    },
    ...await codec(compression, options, maxMessageSize),
  };
}

/** What a session without protection settled, and how messages pass through it. */
export async function offAgreement(
  options: CompressionOptions,
  { info: { compression, handshake } }: OffSession,
  maxMessageSize: number,
): Promise<Agreement> {
  return {
    info: {
      setting: "off",
      protocol: "none",
      cipherSuite: "none",
      keyBits: 0,
      framing: "fesa/1",
      compression: compression.mode,
      authenticated: false,
      peer: {},
      handshake,
    },
    ...await codec(compression, options, maxMessageSize),
  };
}

function codec(
  { mode, dictionaryId }: CompressionOffer,
  { dictionary }: CompressionOptions,
  maxMessageSize: number,
): Promise<MessageCodec> {
  return messageCodec({ compression: mode, dictionary: dictionaryId && dictionary, maxMessageSize });
}
