/** DEFLATE by fflate (RFC 1951), and which messages are not worth its time. */

import { deflateSync } from "fflate/browser";

/** How many bytes {@link looksRandom} looks at: so many runs of so many bytes. */
const SAMPLE_RUNS = 8;
const SAMPLE_RUN_LENGTH = 256;

/** One complete stream, behind a window if there is one; undefined where it is not shorter than the message. */
export function deflate(message: Uint8Array, window?: Uint8Array): Uint8Array | undefined {
  const deflated = deflateSync(message, window?.length ? { dictionary: window } : {});
  return deflated.length < message.length ? deflated : undefined;
}

/**
 * Whether a message is, by a sample of its bytes, so evenly spread that DEFLATE would only waste time on it, as what
 * is encrypted or compressed already. Two bytes of the sample are equal with probability 1/256 where all bytes are
 * equally likely, and with 1/15 or so in text. Repeats that lie far apart are not seen.
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
