/** The WebSocket server of each runtime; on Node, that of the ws package. */

import { WebSocket as WsClient, WebSocketServer } from "ws";
import { runtime } from "../_kit/mod.ts";
import {
  type BunWebSocketHandlers,
  type WebSocketListener,
  webSocketListener,
  type WebSocketOptions,
  webSocketTransport,
} from "../../src/transport/websocket/mod.ts";
import type { Transport } from "../../src/connection.ts";

interface Runtimes {
  readonly Deno: {
    serve(options: object, handler: (request: Request) => Response): {
      readonly addr: { readonly port: number };
      shutdown(): Promise<void>;
    };
  };
  readonly Bun: {
    serve(options: {
      port: number;
      hostname: string;
      fetch: (request: Request, server: unknown) => Response;
      websocket: BunWebSocketHandlers;
    }): { port: number; stop(force: boolean): Promise<void> };
  };
}

/** The listener, and the HTTP server that passes WebSockets to it. */
export interface HttpServer {
  readonly listener: WebSocketListener;
  readonly port: number;
  /** Ends the HTTP server. */
  close(): Promise<void>;
}

/** Starts the runtime's own HTTP server on a free port. */
export async function httpServer(options?: WebSocketOptions): Promise<HttpServer> {
  const { Deno, Bun } = globalThis as unknown as Runtimes;
  const listener = webSocketListener(options);
  const where = { port: 0, hostname: "127.0.0.1" };
  if (runtime === "deno") {
    const server = Deno.serve({ ...where, onListen() {} }, listener.fetch);
    return { listener, port: server.addr.port, close: () => server.shutdown() };
  }
  if (runtime === "bun") {
    const server = Bun.serve({ ...where, fetch: listener.fetch, websocket: listener.websocket });
    return { listener, port: server.port, close: () => server.stop(true) };
  }
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await new Promise((listening) => server.once("listening", listening));
  server.on("connection", (socket) => listener.take(socket));
  const close = () => {
    for (const client of server.clients) client.terminate();
    return new Promise<void>((closed) => server.close(() => closed()));
  };
  return { listener, port: (server.address() as { port: number }).port, close };
}

/** Returns the WebSocket client of each runtime; on Node 20, that of the ws package. */
export function webSocketClient(port: number, options?: WebSocketOptions): Transport {
  const url = `ws://127.0.0.1:${port}/`;
  return webSocketTransport("WebSocket" in globalThis ? url : new WsClient(url), options);
}
