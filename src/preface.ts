/**
 * The beginning of the settings `native` and `off`: the client's preface, which has the client's request, and the server's
 * answer of one byte. docs/protocol.md defines every byte.
 */

import { concat, EMPTY, equalBytes, toUtf8 } from "./bytes.ts";
import { ChannelError, type ErrorCode } from "./errors.ts";
import type { Compression } from "./message/codec.ts";
import { ANSWERS_IN_HTTP, type Wire } from "./wire.ts";

/** The compression modes, from the weakest to the strongest. The two sides use the weaker of their modes. */
const COMPRESSION_MODES: readonly Compression[] = ["off", "message", "stream"];

/** The compression that one side offers. */
export interface CompressionOffer {
  readonly mode: Compression;
  /** Identifies the shared dictionary: the first {@link DICTIONARY_ID_LENGTH} bytes of its SHA-256. */
  readonly dictionaryId?: Uint8Array | undefined;
}

/** The ciphers of the setting `native`, by their names in Noise. */
export type PrefaceCipher = "ChaChaPoly" | "AESGCM";

/** The request of a client. */
export interface Preface {
  /** {@link OFF_REQUEST}, or the number of a pattern of the native setting. */
  readonly request: number;
  /** The cipher of the setting `native`. */
  readonly cipher: PrefaceCipher;
  readonly compression: CompressionOffer;
  /** The preface as it was sent. */
  readonly bytes: Uint8Array;
}

/** The request for the setting `off`. Every other number requests a pattern of the setting `native`. */
export const OFF_REQUEST = 0;

/** The number of bytes that {@link sniffPreface} needs. */
export const SNIFFED_LENGTH = 6;

const MAGIC = toUtf8("FESA");
const VERSION = 1;
const HEAD_LENGTH = 7;
const MODE_BITS = 0x03;
const AESGCM_BIT = 0x40;
const DICTIONARY_BIT = 0x80;

/** The length of a dictionary's identifier: the first bytes of its SHA-256 hash. */
export const DICTIONARY_ID_LENGTH = 8;

/** The server's answers: acceptance, and the reasons for a refusal. The byte on the wire is the index in this list. */
const ANSWERS = [
  "accepted",
  "version",
  "request",
  "dictionary",
  "authentication",
  "client_key",
  "cipher",
] as const;

/** The reason why a server refuses a client's request. */
export type Refusal = Exclude<typeof ANSWERS[number], "accepted">;

/** The answer of a server that accepts. */
export const ACCEPTED: Uint8Array = Uint8Array.of(ANSWERS.indexOf("accepted"));

const REFUSALS: Readonly<Record<Refusal, readonly [ErrorCode, string]>> = {
  version: ["not_offered", "the server does not offer this version of the protocol"],
  request: ["not_offered", "the server does not offer this setting, or not with these kinds of keys"],
  dictionary: ["not_offered", "the server does not have the client's dictionary"],
  authentication: ["decrypt", "the secret or the server's key is not the same on both sides"],
  cipher: ["not_offered", "client and server must choose the same cipher: ChaChaPoly or AESGCM"],
  client_key: ["untrusted", "the server does not trust the client's key"],
};

/** Returns the setting that the first {@link SNIFFED_LENGTH} bytes request, or null if they are not a preface. */
export function sniffPreface(bytes: Uint8Array): "native" | "off" | null {
  if (!equalBytes(bytes.subarray(0, MAGIC.length), MAGIC)) return null;
  return bytes[SNIFFED_LENGTH - 1] === OFF_REQUEST ? "off" : "native";
}

/** Makes a client's preface. */
export function encodePreface(
  request: number,
  { mode, dictionaryId = EMPTY }: CompressionOffer,
  cipher: PrefaceCipher = "ChaChaPoly",
): Uint8Array {
  if (dictionaryId.length !== 0 && dictionaryId.length !== DICTIONARY_ID_LENGTH) {
    throw new RangeError("the identifier of a dictionary has 8 bytes");
  }
  const options = COMPRESSION_MODES.indexOf(mode) | (cipher === "AESGCM" ? AESGCM_BIT : 0) |
    (dictionaryId.length > 0 ? DICTIONARY_BIT : 0);
  return concat(MAGIC, Uint8Array.of(VERSION, request, options), dictionaryId);
}

/** Reads a client's preface. Refuses other versions. */
export async function readPreface(wire: Wire): Promise<Preface> {
  const start = await peek(wire, MAGIC.length + 1);
  if (!equalBytes(start.subarray(0, MAGIC.length), MAGIC)) {
    throw new ChannelError("protocol", "the client does not begin with a preface");
  }
  if (start[MAGIC.length] !== VERSION) throw await refuse(wire, "version");

  const [request, options] = (await peek(wire, HEAD_LENGTH)).subarray(MAGIC.length + 1);
  const mode = COMPRESSION_MODES[options & MODE_BITS];
  const known = MODE_BITS | DICTIONARY_BIT | (request === OFF_REQUEST ? 0 : AESGCM_BIT);
  if (mode === undefined || (options & ~known) !== 0) {
    throw new ChannelError("protocol", "the client's preface has unknown options");
  }
  const named = (options & DICTIONARY_BIT) !== 0;
  const bytes = await wire.take(HEAD_LENGTH + (named ? DICTIONARY_ID_LENGTH : 0));
  return {
    request,
    cipher: (options & AESGCM_BIT) === 0 ? "ChaChaPoly" : "AESGCM",
    compression: { mode, dictionaryId: named ? bytes.subarray(HEAD_LENGTH) : undefined },
    bytes,
  };
}

/**
 * Returns the compression that a server chooses for a client's offer, or null if the client has a dictionary that the server
 * does not have.
 */
export function agreeCompression(offer: CompressionOffer, own: CompressionOffer): CompressionOffer | null {
  const mode = COMPRESSION_MODES[
    Math.min(COMPRESSION_MODES.indexOf(offer.mode), COMPRESSION_MODES.indexOf(own.mode))
  ];
  const { dictionaryId } = offer;
  if (mode === "off" || dictionaryId === undefined) return { mode };
  return equalBytes(dictionaryId, own.dictionaryId ?? EMPTY) ? { mode, dictionaryId } : null;
}

/** Encodes the negotiated mode as one byte. */
export function encodeAgreedMode({ mode }: CompressionOffer): Uint8Array {
  return Uint8Array.of(COMPRESSION_MODES.indexOf(mode));
}

/** Decodes the negotiated mode, which must not be stronger than the client's offer. */
export function decodeAgreedMode(bytes: Uint8Array, offer: CompressionOffer): CompressionOffer {
  const mode = COMPRESSION_MODES[bytes[0]];
  if (bytes.length !== 1 || mode === undefined || bytes[0] > COMPRESSION_MODES.indexOf(offer.mode)) {
    throw new ChannelError("protocol", "the server chose a compression that was not offered");
  }
  return mode === "off" ? { mode } : { mode, dictionaryId: offer.dictionaryId };
}

/**
 * Reads the server's answer, and throws an error if it is a refusal. A refusal is not authenticated, but it can only end the
 * attempt.
 */
export async function readAnswer(wire: Wire): Promise<void> {
  const [first] = await wire.take(1);
  const answer = ANSWERS[first];
  if (first === ANSWERS_IN_HTTP.firstByte) throw new ChannelError("protocol", ANSWERS_IN_HTTP.message);
  if (answer === undefined) {
    throw new ChannelError("protocol", "the server's answer does not belong to this protocol");
  }
  if (answer !== "accepted") throw refusalError(answer, "received");
}

/** Sends the client the reason for the refusal, ends the transport, and returns `error`. */
export async function refuse(
  wire: Wire,
  refusal: Refusal,
  error: ChannelError = refusalError(refusal, "sent"),
): Promise<ChannelError> {
  await wire.abortAfter(error, () => wire.write(Uint8Array.of(ANSWERS.indexOf(refusal))));
  return error;
}

async function peek(wire: Wire, count: number): Promise<Uint8Array> {
  if (!await wire.fill(count)) throw new ChannelError("truncated", "the transport ended within the preface");
  return wire.buffered.subarray(0, count);
}

function refusalError(refusal: Refusal, direction: "sent" | "received"): ChannelError {
  const [code, message] = REFUSALS[refusal];
  return new ChannelError(code, message, { direction });
}
