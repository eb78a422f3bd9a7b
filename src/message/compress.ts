/** Which messages are compressed, and how: DEFLATE by fflate, or by the window's own coder where that is faster. */

import { deflateSync } from "fflate/browser";
import { DEFLATED, IN_CONTEXT } from "./frame.ts";
import { DeflateWindow, type Mark } from "./window_deflate.ts";

/** Without a window, smaller messages hardly ever shrink. */
const MIN_ALONE = 128;

/** With a window, smaller messages are not worth the work. */
const MIN_WITH_WINDOW = 8;

/** Up to here the window's own coder does nearly as well as fflate, and many times faster. */
const MAX_SMALL = 1024;

/** How many bytes {@link looksRandom} looks at: so many runs of so many bytes. */
const SAMPLE_RUNS = 8;
const SAMPLE_RUN_LENGTH = 256;

/** What goes into a frame. */
export interface Packed {
  readonly flags: number;
  readonly payload: Uint8Array;
}

/** Compresses each message for itself, behind a dictionary that both sides have, if they have one. */
export class MessageCompressor {
  readonly #dictionary: Uint8Array;
  readonly #window: DeflateWindow | undefined;
  readonly #mark: Mark | undefined;

  constructor(dictionary: Uint8Array) {
    this.#dictionary = dictionary;
    if (dictionary.length === 0) return;
    this.#window = new DeflateWindow(dictionary);
    this.#mark = this.#window.mark();
  }

  pack(message: Uint8Array): Packed {
    const minimum = this.#window ? MIN_WITH_WINDOW : MIN_ALONE;
    const deflated = message.length < minimum || looksRandom(message) ? undefined : this.#deflate(message);
    return deflated ? { flags: DEFLATED, payload: deflated } : { flags: 0, payload: message };
  }

  #deflate(message: Uint8Array): Uint8Array | undefined {
    if (!this.#window || message.length > MAX_SMALL) return deflateLarge(message, this.#dictionary);
    const deflated = this.#window.deflate(message);
    this.#window.rewind(this.#mark!);
    return deflated;
  }
}

/** Compresses each message behind the messages before it. */
export class StreamCompressor {
  readonly #window: DeflateWindow;

  constructor(dictionary: Uint8Array) {
    this.#window = new DeflateWindow(dictionary);
  }

  pack(message: Uint8Array): Packed {
    if (message.length < MIN_WITH_WINDOW || looksRandom(message)) return { flags: 0, payload: message };
    const deflated = this.#deflate(message);
    return deflated
      ? { flags: DEFLATED | IN_CONTEXT, payload: deflated }
      : { flags: IN_CONTEXT, payload: message };
  }

  #deflate(message: Uint8Array): Uint8Array | undefined {
    if (message.length <= MAX_SMALL) return this.#window.deflate(message);
    const deflated = deflateLarge(message, this.#window.bytes);
    this.#window.remember(message);
    return deflated;
  }
}

function deflateLarge(message: Uint8Array, dictionary: Uint8Array): Uint8Array | undefined {
  const deflated = deflateSync(message, dictionary.length > 0 ? { dictionary } : {});
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
