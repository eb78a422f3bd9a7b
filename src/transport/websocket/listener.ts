/** A listener for WebSockets that the HTTP servers of Deno, Bun and workerd upgrade. */

import type { Listener } from "../../server/server.ts";
import type { Transport } from "../../connection.ts";
import { Queue } from "../queue.ts";
import { type AdmissionOptions, checkAdmission, refusalStatus } from "./admission.ts";
import { CLOSE_CODE, closeWith } from "./codes.ts";
import {
  checkQueue,
  EventTransport,
  type WebSocketEvent,
  type WebSocketLike,
  type WebSocketOptions,
} from "./events.ts";

/** A WebSocket that a listener accepted. */
export interface WebSocketTransport extends Transport {
  /** The request for the WebSocket, with its URL and headers. */
  readonly request: Request | undefined;
  /** Closes the WebSocket with code 1000 after the written data. A write in progress is cut off. */
  close(): void;
}

/** The part of Bun's `ServerWebSocket` that is used. */
export interface BunServerWebSocket {
  /** The data that {@link WebSocketListener.fetch} passed to the upgrade. */
  readonly data?: unknown;
  /** The type of received messages, which is set to `"arraybuffer"`. */
  binaryType?: string;
  /** Sends one binary message. */
  sendBinary(data: Uint8Array<ArrayBuffer>): number;
  /** Returns the number of bytes that have not been sent yet. */
  getBufferedAmount(): number;
  /** Begins closing. */
  close(code?: number, reason?: string): void;
  /** 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number;
}

/** The `websocket` option of `Bun.serve`. */
export interface BunWebSocketHandlers {
  /** A WebSocket opened. */
  open(socket: BunServerWebSocket): void;
  /** A message arrived. */
  message(socket: BunServerWebSocket, data: unknown): void;
  /** A WebSocket closed. */
  close(socket: BunServerWebSocket, code: number, reason: string): void;
}

/** Options of {@link webSocketListener}. */
export interface WebSocketListenerOptions
  extends WebSocketOptions, Pick<AdmissionOptions, "origins" | "paths"> {}

/** A listener for WebSockets of an HTTP server, for {@link serve}. Its functions do not use `this`. */
export interface WebSocketListener extends Listener<WebSocketTransport> {
  /**
   * Handles a request by opening a WebSocket. Use it as the handler of `Deno.serve`, `Bun.serve` or workerd, or call it from
   * such a handler. It answers a request for anything other than a WebSocket with 426, a request from a page of another host
   * with 403, a request for another path with 404, and every request after `close` with 503.
   *
   * @param request The request.
   * @param server Bun's server. The second argument of other runtimes is ignored.
   * @returns The response, or undefined on Bun if a WebSocket was opened, as Bun requires.
   * @throws {TypeError} If the runtime upgrades requests in another way, as Node does.
   */
  readonly fetch: (request: Request, server?: unknown) => Response;
  /** The option `websocket` of `Bun.serve`. */
  readonly websocket: BunWebSocketHandlers;
  /**
   * Accepts a WebSocket from elsewhere, such as the `ws` package. It must not have received a message yet. Its origin is not
   * checked.
   */
  readonly take: (socket: WebSocketLike, request?: Request) => void;
  /** Stops accepting WebSockets. The HTTP server itself is not closed. */
  close(): void;
}

/**
 * Returns a listener for the WebSockets of an HTTP server on Deno, Bun or workerd. (On Node, or without an HTTP server of your
 * own, use `listenWebSocket` of `@fesa/channel/node`.)
 *
 * @param options The pages that may connect, and the limit on unread bytes of each WebSocket.
 * @returns The listener.
 * @throws {TypeError} If `origins` or `paths` has the wrong type.
 * @throws {RangeError} If `maxQueued` is not a positive whole number.
 * @example On Deno.
 * ```ts
 * import { connect, serve } from "@fesa/channel";
 * import { webSocketListener, webSocketTransport } from "@fesa/channel/websocket";
 *
 * const sockets = webSocketListener();
 * const server = serve(sockets, { security: [{ setting: "off" }] }, async (channel) => {
 *   for await (const message of channel) await channel.send(message);
 * });
 * const http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, sockets.fetch);
 *
 * const socket = webSocketTransport(`ws://127.0.0.1:${http.addr.port}/`);
 * const channel = await connect(socket, { security: { setting: "off" } });
 * await channel.close();
 * await server.close();
 * await http.shutdown();
 * ```
 * @example On Bun.
 * ```ts ignore
 * const sockets = webSocketListener();
 * const server = serve(sockets, { security }, handler);
 * Bun.serve({ port: 8080, fetch: sockets.fetch, websocket: sockets.websocket });
 * ```
 */
export function webSocketListener(options: WebSocketListenerOptions = {}): WebSocketListener {
  checkAdmission(options);
  checkQueue(options);
  const queue = new Queue<WebSocketTransport>();
  let closed = false;

  const take = (socket: WebSocketLike, request?: Request): void => {
    const close = () => socket.close(CLOSE_CODE.normal);
    const transport = { ...new EventTransport(socket, options), request, close };
    const give = () => {
      if (!queue.push(transport)) closeWith(socket, CLOSE_CODE.tryAgainLater);
    };
    // Deno's sockets open only when the response is being sent, and cannot be closed before that.
    if (socket.readyState === 0) socket.addEventListener("open", give);
    else give();
  };

  const close = (): void => {
    closed = true;
    for (const { writable } of queue.end()) writable.abort().catch(() => {});
  };

  return {
    fetch(request, server) {
      if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
        return new Response("WebSocket only\n", { status: 426, headers: { upgrade: "websocket" } });
      }
      if (closed) return new Response("closed\n", { status: 503 });
      const refusal = refusalOf(request, options);
      if (refusal !== undefined) return refusal;
      return upgrade(request, server, take);
    },
    websocket: bunHandlers(take),
    take,
    close,
    [Symbol.asyncIterator]: () => queue,
  };
}

/** Returns the response to a refused request, or undefined if the request is accepted. */
function refusalOf(request: Request, options: WebSocketListenerOptions): Response | undefined {
  const { headers, url } = request;
  const { host, pathname } = new URL(url);
  const asked = { origin: headers.get("origin"), host: headers.get("host") ?? host, path: pathname };
  const status = refusalStatus(asked, options);
  return status && new Response(`${status}\n`, { status: Number(status.slice(0, 3)) });
}

interface Upgrading {
  readonly Deno?: { upgradeWebSocket(request: Request): { socket: WebSocketLike; response: Response } };
  readonly WebSocketPair?: new () => {
    readonly 0: WebSocketLike;
    readonly 1: WebSocketLike & { accept(): void };
  };
}

function upgrade(
  request: Request,
  server: unknown,
  take: (socket: WebSocketLike, request: Request) => void,
): Response {
  const { Deno, WebSocketPair } = globalThis as Upgrading;
  if (isBun(server)) {
    const upgraded = server.upgrade(request, { data: request });
    return upgraded ? undefined as unknown as Response : badRequest();
  }
  if (Deno) {
    let upgraded: ReturnType<typeof Deno.upgradeWebSocket>;
    try {
      upgraded = Deno.upgradeWebSocket(request);
    } catch {
      return badRequest(); // such as for a request without a key
    }
    take(upgraded.socket, request);
    return upgraded.response;
  }
  if (WebSocketPair) {
    const { 0: client, 1: socket } = new WebSocketPair();
    socket.accept();
    take(socket, request);
    return new Response(null, { status: 101, webSocket: client } as ResponseInit);
  }
  throw new TypeError("this runtime does not upgrade requests in a fetch handler");
}

function badRequest(): Response {
  return new Response("no WebSocket\n", { status: 400 });
}

function isBun(
  server: unknown,
): server is { upgrade(request: Request, options: { data: Request }): boolean } {
  return typeof (server as { upgrade?: unknown } | undefined)?.upgrade === "function";
}

/**
 * Returns handlers that pass each event on to its socket, because Bun reports the events of all sockets to one set of
 * functions.
 */
function bunHandlers(take: (socket: WebSocketLike, request?: Request) => void): BunWebSocketHandlers {
  const sockets = new WeakMap<BunServerWebSocket, EventedSocket>();
  return {
    open(socket) {
      socket.binaryType = "arraybuffer";
      const evented = new EventedSocket(socket);
      sockets.set(socket, evented);
      take(evented, socket.data instanceof Request ? socket.data : undefined);
    },
    message: (socket, data) => sockets.get(socket)?.hear("message", { data }),
    close: (socket, code, reason) => sockets.get(socket)?.hear("close", { code, reason }),
  };
}

/** Adapts Bun's socket to the interface of a standard WebSocket. */
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
