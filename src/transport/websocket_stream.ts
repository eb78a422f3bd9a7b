/** A WebSocket of one's own over any transport, with backpressure in both directions (RFC 6455). */

import { concat, pieces } from "../bytes.ts";
import { ChannelError } from "../errors.ts";
import type { Transport } from "../wire.ts";
import { CLOSE_CODE, closedWith, isOrderly, MAX_MESSAGE_LENGTH, textRefused } from "./websocket_codes.ts";
import { closePayload, encodeFrame, FrameParser, OPCODE, type Role } from "./websocket_frames.ts";

/** Milliseconds that a peer has to take the close frame. */
const CLOSE_PATIENCE = 2_000;

/** The two ends of the transport that carries a WebSocket. */
export interface Carrier {
  readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly writer: WritableStreamDefaultWriter<Uint8Array>;
}

/**
 * The transport inside a WebSocket. Its writable side's end is a close frame, after which the peer ends too.
 *
 * @param opened Settles when the opening handshake is done, with what was read behind it. Reads and writes wait for it.
 */
export function webSocketStream(
  { reader, writer }: Carrier,
  opened: Promise<Uint8Array>,
  role: Role,
): Transport {
  opened.catch(() => {}); // it shows at the next read and the next write
  const parser = new FrameParser(role);
  let waiting: Promise<Uint8Array> | undefined = opened;
  let closeSent = false;
  let sink!: WritableStreamDefaultController;

  const send = (opcode: number, payload: Uint8Array) => writer.write(encodeFrame(opcode, payload, role));

  const sendClose = async (code: number): Promise<void> => {
    if (closeSent) return;
    closeSent = true;
    await send(OPCODE.close, closePayload(code));
  };

  const abort = (reason: unknown): void => {
    writer.abort(reason).catch(() => {});
    reader.cancel(reason).catch(() => {});
  };

  /** After the peer's close frame, or a fault: tells the peer, unless it takes nothing, and lets go of the connection. */
  const finish = async (code: number): Promise<void> => {
    const timer = setTimeout(abort, CLOSE_PATIENCE);
    try {
      await opened.then(() => sendClose(code), () => {}); // without a handshake there are no frames
      await writer.close();
      await reader.cancel();
    } catch {
      // It is gone already.
    } finally {
      clearTimeout(timer);
    }
  };

  const next = async (): Promise<Uint8Array> => {
    const first = waiting;
    waiting = undefined;
    if (first) return first;
    const { value, done } = await reader.read();
    if (done) throw new ChannelError("transport", "the connection ended without a WebSocket close frame");
    return value;
  };

  /** Handles one chunk; true when it gave data or an end. */
  const handle = async (
    chunk: Uint8Array,
    controller: ReadableStreamDefaultController<Uint8Array>,
  ): Promise<boolean> => {
    let given = false;
    for (const event of parser.parse(chunk)) {
      if (event.type === "data") {
        controller.enqueue(event.bytes);
        given = true;
      } else if (event.type === "ping") {
        if (!closeSent) await send(OPCODE.pong, event.bytes); // awaited: pings cannot pile up answers
      } else if (event.type === "text") {
        finish(CLOSE_CODE.unsupportedData);
        throw textRefused();
      } else {
        finish(event.code);
        if (!isOrderly(event.code)) throw closedWith(event.code, event.reason);
        controller.close();
        return true;
      }
    }
    return given;
  };

  const readable = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        while (!await handle(await next(), controller));
      } catch (cause) {
        const error = failure(cause);
        controller.error(error);
        sink.error(error);
        finish(CLOSE_CODE.protocolError);
      }
    },
    async cancel() {
      await reader.cancel();
      if (closeSent) await writer.close();
    },
  }, { highWaterMark: MAX_MESSAGE_LENGTH, size: (chunk) => chunk.byteLength });

  const writable = new WritableStream<Uint8Array>({
    start: (controller) => {
      sink = controller;
      // `abort` would wait for a write that the peer does not take.
      controller.signal.addEventListener("abort", () => abort(controller.signal.reason));
    },
    async write(chunk) {
      await opened;
      if (closeSent) return; // as over TCP, what is written behind the peer's orderly close goes nowhere
      const frames = [...pieces([chunk], MAX_MESSAGE_LENGTH)].map((piece) =>
        encodeFrame(OPCODE.binary, piece, role)
      );
      if (frames.length > 0) await writer.write(frames.length === 1 ? frames[0] : concat(...frames));
    },
    close: () => opened.then(() => sendClose(CLOSE_CODE.normal)),
  });

  return { readable, writable };
}

function failure(cause: unknown): ChannelError {
  if (cause instanceof ChannelError) return cause;
  return new ChannelError("transport", `the connection failed: ${String(cause)}`, { cause });
}
