/** Node's two-way streams as transports. */

import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Transport } from "../wire.ts";
import { connectionFailed, HIGH_WATER_MARK, LINGER } from "./tcp.ts";

/**
 * A transport over any two-way byte stream of Node: a `net.Socket`, a `tls.TLSSocket`, a child process's pipes joined by
 * `Duplex.from`. Backpressure holds in both directions. From here on the stream belongs to the transport.
 *
 * @param duplex The stream. A socket has to be made with `allowHalfOpen: true` if its directions shall end one by one.
 * @returns The transport. Where the stream fails, both directions fail with a {@link ChannelError} `transport`.
 * @example
 * ```ts
 * import { Duplex } from "node:stream";
 * import { fromDuplex } from "@fesa/channel/node";
 *
 * const echo = new Duplex({
 *   read() {},
 *   write(chunk, _encoding, done) { this.push(chunk); done(); },
 *   final(done) { this.push(null); done(); },
 * });
 * const { readable, writable } = fromDuplex(echo);
 * await writable.getWriter().write(new Uint8Array([1, 2, 3]));
 * const { value } = await readable.getReader().read();
 * if (value?.length !== 3) throw new Error("not echoed");
 * ```
 */
export function fromDuplex(duplex: Duplex): Transport {
  return { readable: readableOf(duplex), writable: writableOf(duplex) };
}

function readableOf(duplex: Duplex): ReadableStream<Uint8Array> {
  let open = true;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const end = (finish: () => void) => {
        if (open) finish();
        open = false;
      };
      duplex.on("data", (chunk: Uint8Array) => {
        if (!open) return; // nobody wants it, and the peer may still be writing
        controller.enqueue(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
        if (controller.desiredSize! <= 0) duplex.pause();
      });
      duplex.on("end", () => end(() => controller.close()));
      duplex.on("error", (cause) => end(() => controller.error(connectionFailed(cause))));
      duplex.on("close", () => end(() => controller.error(connectionFailed(new Error("closed")))));
      duplex.pause();
    },
    pull: () => void duplex.resume(),
    cancel() {
      open = false;
      // What is on its way to the peer still has to get there. A socket that is closed while bytes wait in it to be
      // read is reset, which can take that away, so they are read until the peer's end.
      duplex.resume();
      if (duplex.writableFinished) lingering(duplex);
      else duplex.once("finish", () => lingering(duplex));
    },
  }, { highWaterMark: HIGH_WATER_MARK, size: (chunk) => chunk.byteLength });
}

function writableOf(duplex: Duplex): WritableStream<Uint8Array> {
  return new WritableStream<Uint8Array>({
    start(controller) {
      duplex.on("error", (cause) => controller.error(connectionFailed(cause)));
      duplex.on("close", () => controller.error(connectionFailed(new Error("closed"))));
      // `abort` would wait for a write that the peer does not take. A moment later, since resetting can fail on the
      // spot, and Node 20 does not bear an error in the middle of an abort.
      controller.signal.addEventListener("abort", () => queueMicrotask(() => cutOff(duplex)));
    },
    // The callback comes when the operating system has the bytes: that is the backpressure.
    write: (chunk) =>
      new Promise((resolve, reject) =>
        duplex.write(chunk, (cause) => cause ? reject(connectionFailed(cause)) : resolve())
      ),
    close: () => new Promise((resolve) => duplex.end(resolve)),
  });
}

/** A TCP connection is reset, so that the peer does not take this for the end of the bytes. */
function cutOff(duplex: Duplex): void {
  duplex.removeAllListeners("end"); // Bun takes its own reset for the peer's end
  try {
    if (duplex instanceof Socket) duplex.resetAndDestroy();
  } catch {
    // Not TCP, such as a pipe or TLS: there is no reset.
  }
  duplex.destroy(new Error("aborted"));
}

function lingering(duplex: Duplex): void {
  if (duplex.readableEnded) duplex.destroy();
  const timer = setTimeout(() => duplex.destroy(), LINGER);
  duplex.once("close", () => clearTimeout(timer));
  duplex.once("end", () => duplex.destroy());
}
