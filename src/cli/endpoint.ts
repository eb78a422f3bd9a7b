/** Parses the addresses to listen on and to connect to. */

import { ChannelError } from "../errors.ts";
import { dial, dialWebSocket, type DialWebSocketOptions, type Peer } from "../transport/node.ts";
import type { Transport } from "../connection.ts";
import { UsageError } from "./command.ts";

/** A host and a port, or a Unix socket. */
export interface Endpoint {
  /** The host; empty for a Unix socket. */
  readonly host: string;
  readonly port: number;
  /** The file of a Unix socket. */
  readonly path?: string | undefined;
}

/** Parses where to listen: on a port, or on a Unix socket with `unix:PATH`; `what` names it in the error. */
export function parsePlace(text: string, what: string): Endpoint {
  if (!text.startsWith("unix:")) return parseEndpoint(text, what);
  const path = text.slice("unix:".length);
  if (!/^\S+$/.test(path)) throw new UsageError(`${what} is HOST:PORT or unix:PATH, not ${text}`);
  return { host: "", port: 0, path };
}

/** Parses `HOST:PORT`, `[IPV6]:PORT`, or `PORT` for the loopback address; `what` names it in the error. */
export function parseEndpoint(text: string, what: string): Endpoint {
  const match = /^(?:(?:\[([0-9A-Fa-f:.]+(?:%[^\s\[\]]+)?)\]|([^\s:\/\[\]]+)):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) throw new UsageError(`${what} is HOST:PORT, not ${text}`);
  return { host: match[1] ?? match[2] ?? "127.0.0.1", port };
}

/** Parses where to connect to, in the same form; port 0 is refused. */
export function parseDestination(text: string, what: string): Endpoint {
  const endpoint = parsePlace(text, what);
  if (endpoint.port === 0 && endpoint.path === undefined) {
    throw new UsageError(`${what} is HOST:PORT, with a port other than 0`);
  }
  return endpoint;
}

/** `HOST:PORT`, with brackets around an IPv6 address, or `unix:PATH`. */
export function formatEndpoint({ host, port, path }: Endpoint): string {
  if (path !== undefined) return `unix:${path}`;
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** A peer's address and port, in the same form. */
export function formatPeer({ address, port }: Peer): string {
  return formatEndpoint({ host: address, port });
}

/** A server to connect to, over TCP or WebSocket. */
export interface Target extends Endpoint {
  /** Connects. */
  dial(signal: AbortSignal): Promise<Transport>;
}

/** Connects within a time limit. Handshakes have a limit already; connecting by TCP and by the platform's TLS has none. */
export async function dialWithin(
  target: Pick<Target, "dial">,
  signal: AbortSignal,
  milliseconds: number,
): Promise<Transport> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), milliseconds);
  try {
    return await target.dial(AbortSignal.any([signal, late.signal]));
  } catch (error) {
    if (signal.aborted || !late.signal.aborted) throw error;
    throw new ChannelError("timeout", `not connected within ${milliseconds} ms`);
  } finally {
    clearTimeout(timer);
  }
}

/** Reads `HOST:PORT`, `unix:PATH`, `ws://…` or `wss://…`; `webSocket` has options for the last two. */
export function parseTarget(text: string, webSocket: DialWebSocketOptions = {}): Target {
  if (!/^wss?:\/\//.test(text)) {
    const endpoint = parseDestination(text, "the server");
    return { ...endpoint, dial: (signal) => dial({ ...endpoint, signal }) };
  }
  if (!URL.canParse(text)) throw new UsageError(`${text} is not a URL`);
  const url = new URL(text);
  if (url.port === "0") throw new UsageError(`${text}: the port must not be 0`);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port || (url.protocol === "wss:" ? 443 : 80)),
    dial: (signal) => dialWebSocket(url, { ...webSocket, signal }),
  };
}
