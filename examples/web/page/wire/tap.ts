/** Watches the bytes between a channel and its transport, as an eavesdropper could. */
import type { Transport } from "@fesa/channel";

/** The direction, from the client's view. */
export type Direction = "sent" | "received";

/** Bytes that passed. */
export interface WireChunk {
  readonly direction: Direction;
  readonly bytes: Uint8Array;
  /** The time, by `performance.now()`. */
  readonly at: number;
}

/** Returns a transport that also gives its bytes to `listen`. */
export function tapped(transport: Transport, listen: (chunk: WireChunk) => void): Transport {
  const copy = (direction: Direction) =>
    new TransformStream<Uint8Array, Uint8Array>({
      transform(bytes, controller) {
        listen({ direction, bytes, at: performance.now() });
        controller.enqueue(bytes);
      },
    });
  const outgoing = copy("sent");
  outgoing.readable.pipeTo(transport.writable).catch(() => {}); // the channel's next write reports it
  return { readable: transport.readable.pipeThrough(copy("received")), writable: outgoing.writable };
}
