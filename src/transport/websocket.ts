/**
 * WebSockets as transports: those of browsers, Deno, Bun and Node 22, the server's end of Deno's, Bun's and workerd's, and
 * the `ws` package's. (On Node, `@fesa/channel/node` has a client and a server of its own, with full backpressure.)
 *
 * @example
 * ```ts
 * import { serveTransports } from "@fesa/channel";
 * import { webSocketListener, webSocketTransport } from "@fesa/channel/websocket";
 *
 * const sockets = webSocketListener();
 * const server = serveTransports(sockets, {}, ({ readable, writable }) => readable.pipeTo(writable));
 * const http = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, sockets.fetch);
 *
 * const { readable, writable } = webSocketTransport(`ws://127.0.0.1:${http.addr.port}/`);
 * const writer = writable.getWriter();
 * await writer.write(new Uint8Array([1, 2, 3]));
 * const { value } = await readable.getReader().read();
 * if (value?.length !== 3) throw new Error("not echoed");
 * await writer.close();
 * await server.close();
 * await http.shutdown();
 * ```
 *
 * @module
 */

import { pieces } from "../bytes.ts";
import { ChannelError } from "../errors.ts";
import type { Transport } from "../wire.ts";
import {
  CLOSE_CODE,
  closedWith,
  closeWith,
  isOrderly,
  MAX_MESSAGE_LENGTH,
  textRefused,
} from "./websocket_codes.ts";
import { webSocketStreamTransport } from "./websocket_platform_stream.ts";

export type { Transport } from "../wire.ts";
export type { Listener } from "../server.ts";
export {
  type BunServerWebSocket,
  type BunWebSocketHandlers,
  type WebSocketListener,
  webSocketListener,
  type WebSocketTransport,
} from "./websocket_listener.ts";

/** Bytes that wait in the socket to be sent before a write has to wait, too. */
const MAX_BUFFERED = 1024 * 1024;

/** Bytes that wait to be read before a socket that can be paused is. */
const HIGH_WATER_MARK = 65_536;

/** What a message that waits to be read takes beside its bytes: a peer may send many that are small, or empty. */
const MESSAGE_COST = 128;

/** Milliseconds that the peer has to answer a close. */
const CLOSE_PATIENCE = 2_000;

const [CONNECTING, OPEN] = [0, 1];

/** What is used of a WebSocket. The standard one is one, and so is the `ws` package's. */
export interface WebSocketLike {
  /** 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number;
  /** Bytes that were given to `send` and have not left. */
  readonly bufferedAmount: number;
  /** Is set to `"arraybuffer"`. */
  binaryType: string;
  /** Sends one binary message. */
  send(data: Uint8Array<ArrayBuffer>): void;
  /** Begins closing. */
  close(code?: number, reason?: string): void;
  /** Hears what happens. */
  addEventListener(
    type: "open" | "message" | "error" | "close",
    listener: (event: WebSocketEvent) => void,
  ): void;
  /** Stops reading from the network, where the socket can. */
  pause?(): void;
  /** Goes on reading from the network. */
  resume?(): void;
}

/** What is used of a WebSocket's events. */
export interface WebSocketEvent {
  /** The event's name. */
  readonly type?: string;
  /** The message. */
  readonly data?: unknown;
  /** The close code. */
  readonly code?: number;
  /** Why the peer closed. */
  readonly reason?: string;
  /** What went wrong, where the platform says. */
  readonly message?: string;
}

/** Options of {@link webSocketTransport}. */
export interface WebSocketOptions {
  /**
   * Bytes that may wait to be read; 16 MiB by default. Each message counts for 128 more than it has. A WebSocket of the platform cannot be told to wait, so where the
   * reader falls behind by more than this, the transport fails with `limit` instead of filling the memory. It does not
   * apply where there is backpressure: with `WebSocketStream` and with the `ws` package.
   */
  readonly maxQueued?: number;
}

/**
 * A WebSocket as a transport: bytes are sent in binary messages of at most 64 KiB, whose boundaries mean nothing. Writes
 * wait where a mebibyte has not left yet. A close with code 1000, 1001 or none is the orderly end of the stream; what is
 * written behind it goes nowhere, as over TCP.
 *
 * @param socket A URL to connect to, by `WebSocketStream` where the platform has it, or a WebSocket that is open or
 * connecting; no message may have arrived at it yet.
 * @param options How much may wait to be read.
 * @returns The transport, at once: writes wait until the socket is open. Both directions fail with a
 * {@link ChannelError} where it cannot connect or is closed out of order (`transport`), where the peer sends text
 * (`protocol`), or where too much waits to be read (`limit`).
 * @throws {ChannelError} `closed` where the WebSocket is closed already.
 * @throws {DOMException} `SyntaxError` where the URL is not one of a WebSocket.
 * @example
 * ```ts
 * import { webSocketTransport } from "@fesa/channel/websocket";
 *
 * const { readable } = webSocketTransport("ws://127.0.0.1:1/");
 * await readable.getReader().read().catch((error) => console.log(error.code)); // transport
 * ```
 */
export function webSocketTransport(
  socket: WebSocketLike | string | URL,
  options: WebSocketOptions = {},
): Transport {
  if (typeof socket !== "string" && !(socket instanceof URL)) return eventTransport(socket, options);
  return webSocketStreamTransport(socket) ?? eventTransport(new WebSocket(socket), options);
}

function eventTransport(
  socket: WebSocketLike,
  { maxQueued = 16 * 1024 * 1024 }: WebSocketOptions,
): Transport {
  if (socket.readyState > OPEN) throw new ChannelError("closed", "the WebSocket is closed already");
  socket.binaryType = "arraybuffer";
  let source!: ReadableStreamDefaultController<Uint8Array>;
  let sink!: WritableStreamDefaultController;
  let reading = true;
  let problem = "";
  let wasOpen = socket.readyState === OPEN;
  socket.addEventListener("open", () => wasOpen = true);

  const opened = new Promise<void>((resolve) => {
    if (socket.readyState !== CONNECTING) resolve();
    socket.addEventListener("open", () => resolve());
    socket.addEventListener("close", () => resolve());
    socket.addEventListener("error", () => resolve());
  });
  let end = () => {};
  const ended = new Promise<void>((resolve) => end = resolve);
  socket.addEventListener("close", () => end());
  let failure: ChannelError | undefined;

  const fail = (error: ChannelError): void => {
    failure ??= error;
    end();
    if (reading) source.error(error);
    reading = false;
    sink.error(error);
  };

  const receive = (data: unknown): void => {
    if (!reading) return; // nobody wants it
    if (!(data instanceof ArrayBuffer)) {
      closeWith(socket, CLOSE_CODE.unsupportedData);
      return fail(textRefused());
    }
    source.enqueue(new Uint8Array(data));
    if (source.desiredSize! > 0) return;
    socket.pause?.();
    const queued = HIGH_WATER_MARK - source.desiredSize!;
    if (queued <= maxQueued) return;
    closeWith(socket, CLOSE_CODE.tooMuch);
    fail(
      new ChannelError("limit", `${queued} bytes wait to be read, and a WebSocket cannot be told to wait`),
    );
  };

  const readable = new ReadableStream<Uint8Array>({
    start(controller) {
      source = controller;
      socket.addEventListener("message", ({ data }) => receive(data));
      socket.addEventListener("error", ({ message = "" }) => {
        problem = message;
        if (!wasOpen) fail(closedWith(1006, problem)); // Node 22 has no `close` for a socket that was never open
      });
      socket.addEventListener("close", ({ code = 1005, reason = "" }) => {
        if (!isOrderly(code)) return fail(closedWith(code, reason || problem));
        if (reading) source.close();
        reading = false;
      });
    },
    pull: () => socket.resume?.(),
    cancel() {
      reading = false;
      socket.resume?.(); // a close frame may stand behind what nobody wants
    },
  }, { highWaterMark: HIGH_WATER_MARK, size: (chunk) => chunk.byteLength + MESSAGE_COST });

  const writable = new WritableStream<Uint8Array>({
    start: (controller) => {
      sink = controller;
      // `abort` would wait for a write that the peer does not take. A moment later, since a socket can close on the
      // spot, and Node 20 does not bear an error in the middle of an abort.
      const close = () => {
        // Of the end of a socket that was never open, Node 22 tells by `error` alone.
        if (socket.readyState === CONNECTING) fail(new ChannelError("transport", "aborted while connecting"));
        closeWith(socket, CLOSE_CODE.internalError);
      };
      controller.signal.addEventListener("abort", () => queueMicrotask(close));
    },
    async write(chunk) {
      await opened;
      for (const piece of pieces([chunk], MAX_MESSAGE_LENGTH)) {
        if (socket.readyState !== OPEN) {
          await ended;
          if (failure) throw failure;
          return; // as over TCP, what is written behind the peer's orderly close goes nowhere
        }
        socket.send(piece as Uint8Array<ArrayBuffer>);
        await drained(socket);
      }
    },
    async close() {
      await opened;
      socket.close(1000);
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<void>((resolve) => timer = setTimeout(resolve, CLOSE_PATIENCE));
      await Promise.race([ended, late]);
      clearTimeout(timer);
    },
  });

  return { readable, writable };
}

/** Waits until little enough is buffered. There is no event for it, so it looks again, less and less often. */
async function drained(socket: WebSocketLike): Promise<void> {
  for (let delay = 1; socket.bufferedAmount > MAX_BUFFERED && socket.readyState === OPEN;) {
    await new Promise((resolve) => setTimeout(resolve, delay));
    delay = Math.min(2 * delay, 50);
  }
}
