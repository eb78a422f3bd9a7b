/** Compression behind a window: by fflate, or by the window's own coder where that is faster. */

import type { Compressor } from "./codec.ts";
import { deflate, looksRandom } from "./deflate.ts";
import { DEFLATED, IN_CONTEXT } from "./flags.ts";
import type { Frame } from "./frame.ts";
import { DeflateWindow, type Mark } from "./window_deflate.ts";

/** Smaller messages are not worth the work. */
const MIN_LENGTH = 8;

/** Up to here the window's own coder does nearly as well as fflate, and many times faster. */
const MAX_SMALL = 1024;

/** Compresses each message for itself, behind a dictionary that both sides have. */
export class DictionaryCompressor implements Compressor {
  readonly #dictionary: Uint8Array;
  readonly #window: DeflateWindow;
  readonly #mark: Mark;

  constructor(dictionary: Uint8Array) {
    this.#dictionary = dictionary;
    this.#window = new DeflateWindow(dictionary);
    this.#mark = this.#window.mark();
  }

  pack(message: Uint8Array): Frame {
    const deflated = message.length < MIN_LENGTH || looksRandom(message) ? undefined : this.#deflate(message);
    return deflated ? { flags: DEFLATED, payload: deflated } : { flags: 0, payload: message };
  }

  #deflate(message: Uint8Array): Uint8Array | undefined {
    if (message.length > MAX_SMALL) return deflate(message, this.#dictionary);
    const deflated = this.#window.deflate(message);
    this.#window.rewind(this.#mark);
    return deflated;
  }
}

/** Compresses each message behind the messages before it. */
export class StreamCompressor implements Compressor {
  readonly #window: DeflateWindow;

  constructor(dictionary: Uint8Array) {
    this.#window = new DeflateWindow(dictionary);
  }

  pack(message: Uint8Array): Frame {
    if (message.length < MIN_LENGTH || looksRandom(message)) return { flags: 0, payload: message };
    const deflated = this.#deflate(message);
    return deflated
      ? { flags: DEFLATED | IN_CONTEXT, payload: deflated }
      : { flags: IN_CONTEXT, payload: message };
  }

  #deflate(message: Uint8Array): Uint8Array | undefined {
    if (message.length <= MAX_SMALL) return this.#window.deflate(message);
    const deflated = deflate(message, this.#window.bytes);
    this.#window.remember(message);
    return deflated;
  }
}
