/** DEFLATE (RFC 1951) with fflate, and a test for messages that are not worth compressing. */

import { Deflate, deflateSync } from "fflate/browser";
import { concat, EMPTY, join } from "../../bytes.ts";
import { nextTurn, turnIsSpent } from "../../turns.ts";
import { WINDOW_SIZE } from "./codes.ts";

/** The bytes that are compressed in one step, which takes a few milliseconds at most. */
const STEP = 65_536;

/** The most bytes that are compressed in one call if steps would make the result longer. This takes some 20 milliseconds. */
const MAX_AT_ONCE = 4 * STEP;

/** The sample of {@link looksRandom}: the number of runs, and the bytes in each run. */
const SAMPLE_RUNS = 8;
const SAMPLE_RUN_LENGTH = 256;

/**
 * Returns one complete stream, which may refer to the window, or undefined if the stream is not shorter than the message.
 */
export async function deflate(
  message: Uint8Array,
  window: Uint8Array = EMPTY,
): Promise<Uint8Array | undefined> {
  const deflated = message.length > STEP && canBeStreamed(message, window)
    ? await deflateInSteps(message, window)
    : message.length > MAX_AT_ONCE
    ? await deflateAfterStored(message)
    : deflateSync(message, window.length > 0 ? { dictionary: window } : {});
  return deflated.length < message.length ? deflated : undefined;
}

/**
 * Returns whether fflate can compress a message in steps. Its streams assume 32 KiB of zeros before their start, and a zero
 * near the start may cause a match with them.
 */
function canBeStreamed(message: Uint8Array, window: Uint8Array): boolean {
  return !message.subarray(0, Math.max(0, WINDOW_SIZE - window.length)).includes(0);
}

/**
 * Stores the first 32 KiB without compression (RFC 1951 section 3.2.4). They are the window for the rest, which can then be
 * compressed in steps.
 */
async function deflateAfterStored(message: Uint8Array): Promise<Uint8Array> {
  const stored = message.subarray(0, WINDOW_SIZE);
  const header = Uint8Array.of(
    0,
    WINDOW_SIZE & 0xff,
    WINDOW_SIZE >> 8,
    ~WINDOW_SIZE & 0xff,
    ~WINDOW_SIZE >> 8,
  );
  return concat(header, stored, await deflateInSteps(message.subarray(WINDOW_SIZE), stored));
}

/** Compresses in steps. Passes the window to the stream first, and drops the output for it. */
async function deflateInSteps(message: Uint8Array, window: Uint8Array): Promise<Uint8Array> {
  let chunks: Uint8Array[] = [];
  const stream = new Deflate((chunk) => chunks.push(chunk));
  if (window.length > 0) {
    stream.push(window);
    stream.flush(true);
    chunks = [];
  }
  for (let offset = 0; offset < message.length; offset += STEP) {
    if (turnIsSpent()) await nextTurn();
    stream.push(message.subarray(offset, offset + STEP), offset + STEP >= message.length);
  }
  return join(chunks);
}

/**
 * Returns whether a sample of the message is so evenly distributed that DEFLATE would only waste time, as for encrypted or
 * compressed data. If all byte values are equally likely, two bytes of the sample are equal with probability 1/256; in text
 * the probability is about 1/15. Repetitions that are far apart are not detected.
 */
export function looksRandom(message: Uint8Array): boolean {
  const size = SAMPLE_RUNS * SAMPLE_RUN_LENGTH;
  if (message.length < size) return false;
  const counts = new Uint16Array(256);
  for (let run = 0; run < SAMPLE_RUNS; run++) {
    const start = Math.floor((message.length - SAMPLE_RUN_LENGTH) * run / (SAMPLE_RUNS - 1));
    for (let i = start; i < start + SAMPLE_RUN_LENGTH; i++) counts[message[i]]++;
  }
  let equalPairs = 0;
  for (const count of counts) equalPairs += count * (count - 1);
  return equalPairs * 256 < 1.1 * size * (size - 1);
}
