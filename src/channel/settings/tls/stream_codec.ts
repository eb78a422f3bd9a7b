/** A codec without framing, for ordinary TLS peers. */

import type { Frame } from "../../../message/frame.ts";
import type { Decoder } from "../../receiving.ts";
import type { Encoder } from "../../sending.ts";

/** Sends messages without framing, and returns each chunk that arrives as a message. */
export class StreamCodec implements Encoder, Decoder {
  /** Always false, since a stream without framing may end anywhere. */
  readonly inside = false;
  readonly held = 0;
  payloadBytes = 0;
  #arrived: Uint8Array | null = null;

  encode(message: Uint8Array): Uint8Array[] {
    return [message];
  }

  push(bytes: Uint8Array): void {
    this.#arrived = bytes;
    this.payloadBytes += bytes.length;
  }

  next(): Frame | null {
    const arrived = this.#arrived;
    this.#arrived = null;
    return arrived && { flags: 0, payload: arrived };
  }

  /** Does nothing, since no message is ever incomplete. */
  giveUp(): void {}

  decode({ payload }: Frame): Uint8Array {
    return payload;
  }
}
