/** Bare bytes in the place of messages, toward a TLS peer that does not know them. */

import type { Decoder, Encoder } from "../../session_channel.ts";

/** Sends messages as they are, and takes each piece of the stream that arrives for a message. */
export class StreamCodec implements Encoder, Decoder {
  #arrived: Uint8Array | null = null;

  get ready(): boolean {
    return this.#arrived !== null;
  }

  encode(message: Uint8Array): Uint8Array[] {
    return [message];
  }

  push(bytes: Uint8Array): void {
    this.#arrived = bytes;
  }

  next(): Uint8Array | null {
    const arrived = this.#arrived;
    this.#arrived = null;
    return arrived;
  }

  /** A stream may end anywhere. */
  end(): void {}
}
