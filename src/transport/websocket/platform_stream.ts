/** Uses the platform's `WebSocketStream` if it has one: a WebSocket with backpressure. */

import { pieces } from "../../bytes.ts";
import { ChannelError } from "../../errors.ts";
import type { Transport } from "../../wire.ts";
import { CLOSE_CODE, closedWith, closeWith, isOrderly, MAX_MESSAGE_LENGTH, textRefused } from "./codes.ts";

interface Opened {
  readonly readable: ReadableStream<Uint8Array | ArrayBuffer | string>;
  readonly writable: WritableStream<Uint8Array>;
}

interface CloseInfo {
  readonly closeCode?: number;
  readonly reason?: string;
}

interface PlatformStream {
  readonly opened: Promise<Opened>;
  readonly closed: Promise<CloseInfo>;
  close(info: { closeCode: number }): void;
}

type PlatformStreamConstructor = new (url: string) => PlatformStream;

/** Returns a transport by `WebSocketStream`, or undefined if the platform has none. */
export function webSocketStreamTransport(url: string | URL): Transport | undefined {
  const { WebSocketStream } = globalThis as { WebSocketStream?: PlatformStreamConstructor };
  if (WebSocketStream === undefined) return undefined;
  const stream = new WebSocketStream(String(url));
  const opened = stream.opened.then(
    ({ readable, writable }) => ({ reader: readable.getReader(), writer: writable.getWriter() }),
    (cause) => Promise.reject(failure(cause)),
  );
  opened.catch(() => {}); // the next read and write report it
  const closed = stream.closed.then(
    ({ closeCode = 1005, reason = "" }) => {
      if (!isOrderly(closeCode)) throw closedWith(closeCode, reason);
    },
    (cause) => Promise.reject(failure(cause)),
  );
  closed.catch(() => {});
  const close = (code: number) => closeWith({ close: (closeCode) => stream.close({ closeCode }) }, code);

  const readable = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { reader } = await opened;
      const { value, done } = await reader.read().catch((cause) => Promise.reject(failure(cause)));
      if (done) {
        await closed;
        return controller.close();
      }
      if (typeof value === "string") {
        close(CLOSE_CODE.unsupportedData);
        throw textRefused();
      }
      controller.enqueue(value instanceof Uint8Array ? value : new Uint8Array(value));
    },
    cancel: () => opened.then(({ reader }) => reader.cancel(), () => {}),
  }, { highWaterMark: 0 });

  const writable = new WritableStream<Uint8Array>({
    start(controller) {
      // `abort` would wait for a write that the peer does not accept.
      controller.signal.addEventListener("abort", () => close(CLOSE_CODE.internalError));
    },
    async write(chunk) {
      const { writer } = await opened;
      for (const piece of pieces([chunk], MAX_MESSAGE_LENGTH)) {
        await writer.write(piece).catch(() => closed); // data written after an orderly close is discarded
      }
    },
    async close() {
      const { writer } = await opened;
      await writer.close().catch(() => closed); // the peer may have closed first
    },
  });

  return { readable, writable };
}

/** Turns a `WebSocketError`, or another error, into a `ChannelError`. */
function failure(cause: unknown): ChannelError {
  const { closeCode, reason = "" } = cause as CloseInfo;
  if (typeof closeCode === "number") return closedWith(closeCode, reason);
  return new ChannelError("transport", `the WebSocket failed: ${String(cause)}`, { cause });
}
