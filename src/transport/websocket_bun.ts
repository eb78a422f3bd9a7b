/** The server's end of Bun's WebSockets, which hands its events to functions. */

import type { Transport } from "../wire.ts";
import { type WebSocketEvent, type WebSocketLike, webSocketTransport } from "./websocket.ts";

/** What is used of Bun's `ServerWebSocket`. */
export interface BunServerWebSocket {
  /** Is set to `"arraybuffer"`. */
  binaryType?: string;
  /** Sends one binary message. */
  sendBinary(data: Uint8Array<ArrayBuffer>): number;
  /** Bytes that have not left. */
  getBufferedAmount(): number;
  /** Begins closing. */
  close(code?: number, reason?: string): void;
  /** 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number;
}

/** What `Bun.serve` takes as `websocket`. */
export interface BunWebSocketHandlers {
  /** A WebSocket opened. */
  open(socket: BunServerWebSocket): void;
  /** A message arrived. */
  message(socket: BunServerWebSocket, data: unknown): void;
  /** A WebSocket closed. */
  close(socket: BunServerWebSocket, code: number, reason: string): void;
}

/**
 * Makes the `websocket` handlers of `Bun.serve`, which give a transport for each WebSocket that opens.
 *
 * @param onTransport Takes each transport.
 * @returns The handlers.
 * @example
 * ```ts ignore
 * import { accept } from "@fesa/channel";
 * import { bunWebSocketHandlers } from "@fesa/channel/websocket";
 *
 * Bun.serve({
 *   fetch: (request, server) => server.upgrade(request) ? undefined : new Response("WebSocket only", { status: 426 }),
 *   websocket: bunWebSocketHandlers(async (transport) => {
 *     const channel = await accept(transport, { security });
 *     for await (const message of channel) await channel.send(message);
 *   }),
 * });
 * ```
 */
export function bunWebSocketHandlers(onTransport: (transport: Transport) => void): BunWebSocketHandlers {
  const sockets = new WeakMap<BunServerWebSocket, EventedSocket>();
  return {
    open(socket) {
      socket.binaryType = "arraybuffer";
      const evented = new EventedSocket(socket);
      sockets.set(socket, evented);
      onTransport(webSocketTransport(evented));
    },
    message: (socket, data) => sockets.get(socket)?.hear("message", { data }),
    close: (socket, code, reason) => sockets.get(socket)?.hear("close", { code, reason }),
  };
}

/** Makes Bun's socket look like a standard one. */
class EventedSocket implements WebSocketLike {
  readonly #socket: BunServerWebSocket;
  readonly #listeners: [string, (event: WebSocketEvent) => void][] = [];
  binaryType = "arraybuffer";

  constructor(socket: BunServerWebSocket) {
    this.#socket = socket;
  }

  get readyState(): number {
    return this.#socket.readyState;
  }

  get bufferedAmount(): number {
    return this.#socket.getBufferedAmount();
  }

  send(data: Uint8Array<ArrayBuffer>): void {
    this.#socket.sendBinary(data);
  }

  close(code?: number): void {
    this.#socket.close(code);
  }

  addEventListener(type: string, listener: (event: WebSocketEvent) => void): void {
    this.#listeners.push([type, listener]);
  }

  hear(type: string, event: WebSocketEvent): void {
    for (const [wanted, listener] of this.#listeners) if (wanted === type) listener(event);
  }
}
