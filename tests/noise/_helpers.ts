import { memoryPair } from "../../src/transport/memory.ts";
import type { Transport } from "../../src/connection.ts";
import { Wire } from "../../src/wire.ts";

/** Changes the bytes of one direction. It receives each chunk and the number of bytes before it. */
export type Tamper = (chunk: Uint8Array, offset: number) => Uint8Array;

/** A pair of wires with an attacker in the middle. */
export function tamperedWires(there?: Tamper, back?: Tamper): [Wire, Wire] {
  const [client, clientEnd] = memoryPair();
  const [serverEnd, server] = memoryPair();
  join(clientEnd, serverEnd, there);
  join(serverEnd, clientEnd, back);
  return [new Wire(client), new Wire(server)];
}

function join(from: Transport, to: Transport, tamper: Tamper = (chunk) => chunk): void {
  let offset = 0;
  const change = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      controller.enqueue(tamper(chunk, offset));
      offset += chunk.length;
    },
  });
  from.readable.pipeThrough(change).pipeTo(to.writable).catch(() => {});
}

/** Flips one bit of the byte at `position`. */
export function flip(position: number, bit = 0): Tamper {
  return (chunk, offset) => {
    if (position < offset || position >= offset + chunk.length) return chunk;
    const changed = chunk.slice();
    changed[position - offset] ^= 1 << bit;
    return changed;
  };
}

/** Returns everything that is written to a transport. */
export async function everything(transport: Transport): Promise<Uint8Array> {
  return new Uint8Array(
    await new Response(transport.readable as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer(),
  );
}
