/** Looks at the bytes between a channel and its transport, as somebody who listens on the line would. */
import type { Transport } from "@fesa/channel";

/** As the client sees it. */
export type Direction = "sent" | "received";

/** Bytes that passed by. */
export interface WireChunk {
  readonly direction: Direction;
  readonly bytes: Uint8Array;
  /** When, on the clock of `performance.now()`. */
  readonly at: number;
}

/** A transport whose bytes are shown to `listen` as they pass. */
export function tapped(transport: Transport, listen: (chunk: WireChunk) => void): Transport {
  const copy = (direction: Direction) =>
    new TransformStream<Uint8Array, Uint8Array>({
      transform(bytes, controller) {
        listen({ direction, bytes, at: performance.now() });
        controller.enqueue(bytes);
      },
    });
  const outgoing = copy("sent");
  outgoing.readable.pipeTo(transport.writable).catch(() => {}); // the channel hears of it at its next write
  return { readable: transport.readable.pipeThrough(copy("received")), writable: outgoing.writable };
}
