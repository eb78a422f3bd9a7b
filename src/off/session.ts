/**
 * The session of the setting `off`, without protection. A preface negotiates it, and an orderly end can be distinguished
 * from a truncation.
 */

import { concat, PartReader, pieces } from "../bytes.ts";
import { ChannelError } from "../errors.ts";
import {
  ACCEPTED,
  agreeCompression,
  type CompressionOffer,
  decodeAgreedMode,
  encodeAgreedMode,
  encodePreface,
  OFF_REQUEST,
  readAnswer,
  readPreface,
  refuse,
} from "../preface.ts";
import { type HandshakeCost, handshakeCost, type Session } from "../session.ts";
import type { Wire } from "../wire.ts";

const HEADER_LENGTH = 2;
const MAX_CHUNK = 65_535;

/** The most chunks in one array and one write. One write of a channel (256 KiB and the headers of its frames) fits. */
const BATCH_CHUNKS = 5;

/** What the two sides of the setting `off` negotiated. */
export interface OffInfo {
  readonly compression: CompressionOffer;
  readonly handshake: HandshakeCost;
}

/** A session without protection. It sends chunks, each after its length, and an empty chunk as the end. */
export class OffSession implements Session {
  /** What was negotiated. */
  readonly info: OffInfo;
  readonly keyExchanges = 0;
  readonly #wire: Wire;
  #closed = false;
  #peerClosed = false;

  constructor(wire: Wire, info: OffInfo) {
    this.#wire = wire;
    this.info = info;
  }

  async write(parts: readonly Uint8Array[]): Promise<void> {
    if (this.#closed) throw new ChannelError("closed", "the session is closed");
    const bytes = new PartReader(parts);
    while (bytes.left > 0) await this.#wire.write(nextChunks(bytes));
  }

  async read(): Promise<Uint8Array | null> {
    if (this.#peerClosed) return null;
    const [high, low] = await this.#wire.take(HEADER_LENGTH);
    const chunk = await this.#wire.take(high << 8 | low);
    if (chunk.length > 0) return chunk;
    this.#peerClosed = true;
    return null;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#wire.write(new Uint8Array(HEADER_LENGTH)); // an empty chunk
  }

  abort(error: ChannelError): Promise<void> {
    this.#closed = true;
    this.#wire.abort(error);
    return Promise.resolve();
  }
}

/** Requests the setting `off`. The caller sets the time limit. */
export async function connectOff(wire: Wire, offer: CompressionOffer): Promise<OffSession> {
  const startedAt = performance.now();
  await wire.write(encodePreface(OFF_REQUEST, offer));
  await readAnswer(wire);
  const compression = decodeAgreedMode(await wire.take(1), offer);
  return new OffSession(wire, { compression, handshake: handshakeCost(wire, startedAt) });
}

/** Accepts a client that requests the setting `off`. The caller sets the time limit. */
export async function acceptOff(wire: Wire, own: CompressionOffer): Promise<OffSession> {
  const startedAt = performance.now();
  const preface = await readPreface(wire);
  if (preface.request !== OFF_REQUEST) throw await refuse(wire, "request");
  const compression = agreeCompression(preface.compression, own);
  if (compression === null) throw await refuse(wire, "dictionary");
  await wire.write(concat(ACCEPTED, encodeAgreedMode(compression)));
  return new OffSession(wire, { compression, handshake: handshakeCost(wire, startedAt) });
}

/** Returns the next bytes in at most `BATCH_CHUNKS` chunks, in one array. */
function nextChunks(bytes: PartReader): Uint8Array {
  const length = Math.min(bytes.left, BATCH_CHUNKS * MAX_CHUNK);
  const chunks = new Uint8Array(Math.ceil(length / MAX_CHUNK) * HEADER_LENGTH + length);
  for (const chunk of pieces(chunks, HEADER_LENGTH + MAX_CHUNK)) {
    const size = chunk.length - HEADER_LENGTH;
    chunk.set([size >> 8, size]);
    bytes.read(chunk.subarray(HEADER_LENGTH));
  }
  return chunks;
}
