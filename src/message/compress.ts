/** Compression of each message for itself, by code that is loaded for the first message that may become shorter. */

import type { Compressor } from "./codec.ts";
import { DEFLATED } from "./flags.ts";
import type { Frame } from "./frame.ts";

/** Without a window, smaller messages hardly ever shrink. */
const MIN_LENGTH = 128;

type Deflater = Pick<typeof import("./deflate.ts"), "deflate" | "looksRandom">;

/** Compresses each message for itself. */
export class MessageCompressor implements Compressor {
  readonly #load: () => Promise<Deflater>;
  /** Undefined until it is wanted; null where it cannot be loaded, and then messages go as they are. */
  #deflater: Deflater | null | undefined;

  constructor(load: () => Promise<Deflater> = () => import("./deflate.ts")) {
    this.#load = load;
  }

  pack(message: Uint8Array): Frame | Promise<Frame> {
    if (message.length < MIN_LENGTH || this.#deflater === null) return { flags: 0, payload: message };
    if (this.#deflater === undefined) return this.#packLater(message);
    const { deflate, looksRandom } = this.#deflater;
    const deflated = looksRandom(message) ? undefined : deflate(message);
    return deflated ? { flags: DEFLATED, payload: deflated } : { flags: 0, payload: message };
  }

  async #packLater(message: Uint8Array): Promise<Frame> {
    this.#deflater = await this.#load().catch(() => null);
    return this.pack(message);
  }
}
