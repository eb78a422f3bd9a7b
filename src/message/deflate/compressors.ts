/** Three compressors: each message on its own, with a dictionary, or with the previous messages as its window. */

import type { Compressor } from "../codec.ts";
import { DEFLATED, type Frame, IN_CONTEXT } from "../frame.ts";
import { deflate, looksRandom } from "./deflate.ts";
import { DeflateWindow, type Mark } from "./window.ts";

/** The shortest message, in bytes, that is compressed without a window. Shorter messages hardly ever shrink. */
const MIN_LENGTH_ALONE = 128;

/** The shortest message, in bytes, that is compressed with a window. Shorter messages are not worth the work. */
const MIN_LENGTH = 8;

/** The longest message, in bytes, that `DeflateWindow` compresses: nearly as well as fflate, and many times faster. */
const MAX_SMALL = 1024;

/** Compresses each message on its own. */
export class MessageCompressor implements Compressor {
  async pack(message: Uint8Array): Promise<Frame> {
    if (message.length < MIN_LENGTH_ALONE || looksRandom(message)) return { flags: 0, payload: message };
    const deflated = await deflate(message);
    return deflated ? { flags: DEFLATED, payload: deflated } : { flags: 0, payload: message };
  }
}

/** Compresses each message on its own, with a dictionary that both sides share as its window. */
export class DictionaryCompressor implements Compressor {
  readonly #dictionary: Uint8Array;
  readonly #window: DeflateWindow;
  readonly #mark: Mark;

  constructor(dictionary: Uint8Array) {
    this.#dictionary = dictionary;
    this.#window = new DeflateWindow(dictionary);
    this.#mark = this.#window.mark();
  }

  async pack(message: Uint8Array): Promise<Frame> {
    if (message.length < MIN_LENGTH || looksRandom(message)) return { flags: 0, payload: message };
    const deflated = await this.#deflate(message);
    return deflated ? { flags: DEFLATED, payload: deflated } : { flags: 0, payload: message };
  }

  #deflate(message: Uint8Array): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    if (message.length > MAX_SMALL) return deflate(message, this.#dictionary);
    const deflated = this.#window.deflate(message);
    this.#window.rewind(this.#mark);
    return deflated;
  }
}

/** Compresses each message with the previous ones as its window. */
export class StreamCompressor implements Compressor {
  readonly #window: DeflateWindow;

  constructor(dictionary: Uint8Array) {
    this.#window = new DeflateWindow(dictionary);
  }

  async pack(message: Uint8Array): Promise<Frame> {
    if (message.length < MIN_LENGTH || looksRandom(message)) return { flags: 0, payload: message };
    const deflated = await this.#deflate(message);
    return deflated
      ? { flags: DEFLATED | IN_CONTEXT, payload: deflated }
      : { flags: IN_CONTEXT, payload: message };
  }

  async #deflate(message: Uint8Array): Promise<Uint8Array | undefined> {
    if (message.length <= MAX_SMALL) return this.#window.deflate(message);
    const deflated = await deflate(message, this.#window.bytes);
    this.#window.remember(message);
    return deflated;
  }
}
