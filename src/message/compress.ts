/** Compression of each message for itself, by code that is loaded for the first message that may become shorter. */

import { settlesWithin } from "../timers.ts";
import type { Compressor } from "./codec.ts";
import { DEFLATED } from "./flags.ts";
import type { Frame } from "./frame.ts";

/** Without a window, smaller messages hardly ever shrink. */
const MIN_LENGTH = 128;

/** Milliseconds that a message waits for the code. */
const LOADING_PATIENCE = 1_000;

type Deflater = Pick<typeof import("./deflate.ts"), "deflate" | "looksRandom">;

/** Compresses each message for itself. While the code that does it cannot be had, messages go as they are. */
export class MessageCompressor implements Compressor {
  readonly #load: () => Promise<Deflater>;
  #loading: Promise<void> | undefined;
  #deflater: Deflater | undefined;
  #failed = false;

  constructor(load: () => Promise<Deflater> = () => import("./deflate.ts")) {
    this.#load = load;
  }

  pack(message: Uint8Array): Frame | Promise<Frame> {
    if (message.length < MIN_LENGTH || this.#failed) return plain(message);
    return this.#deflater ? packed(this.#deflater, message) : this.#packLater(message);
  }

  async #packLater(message: Uint8Array): Promise<Frame> {
    this.#loading ??= this.#load().then(
      (deflater) => void (this.#deflater = deflater),
      () => void (this.#failed = true),
    );
    await settlesWithin(LOADING_PATIENCE, this.#loading);
    return this.#deflater ? packed(this.#deflater, message) : plain(message);
  }
}

function packed({ deflate, looksRandom }: Deflater, message: Uint8Array): Frame {
  const deflated = looksRandom(message) ? undefined : deflate(message);
  return deflated ? { flags: DEFLATED, payload: deflated } : plain(message);
}

function plain(message: Uint8Array): Frame {
  return { flags: 0, payload: message };
}
