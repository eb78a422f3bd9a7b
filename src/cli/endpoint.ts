/** Where to listen and where to connect to, as the command line writes it. */

import { ChannelError } from "../errors.ts";
import { dial, dialWebSocket, type Peer } from "../transport/node.ts";
import type { Transport } from "../wire.ts";
import { UsageError } from "./command.ts";

/** A host and a port. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Where to listen: `HOST:PORT`, `[IPV6]:PORT` or, for this machine alone, `PORT`; `what` names it in the error. */
export function parseEndpoint(text: string, what: string): Endpoint {
  const match = /^(?:(?:\[([0-9A-Fa-f:.]+(?:%[^\s\[\]]+)?)\]|([^\s:\/\[\]]+)):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) throw new UsageError(`${what} is HOST:PORT, not ${text}`);
  return { host: match[1] ?? match[2] ?? "127.0.0.1", port };
}

/** Where to connect to, written in the same way: nobody can be at port 0. */
export function parseDestination(text: string, what: string): Endpoint {
  const endpoint = parseEndpoint(text, what);
  if (endpoint.port === 0) throw new UsageError(`${what} is HOST:PORT, and nobody can be at port 0`);
  return endpoint;
}

/** `HOST:PORT`, with brackets around an IPv6 address. */
export function formatEndpoint({ host, port }: Endpoint): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** A peer's address and port, written in the same way. */
export function formatPeer({ address, port }: Peer): string {
  return formatEndpoint({ host: address, port });
}

/** A server to connect to, over TCP or WebSocket. */
export interface Target extends Endpoint {
  /** Connects. */
  dial(signal: AbortSignal): Promise<Transport>;
}

/** Connects within a time limit, as handshakes have one; TCP and TLS have none of their own here. */
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

/** Reads `HOST:PORT`, `ws://…` or `wss://…`. */
export function parseTarget(text: string): Target {
  if (!/^wss?:\/\//.test(text)) {
    const endpoint = parseDestination(text, "the server");
    return { ...endpoint, dial: (signal) => dial({ ...endpoint, signal }) };
  }
  if (!URL.canParse(text)) throw new UsageError(`${text} is not a URL`);
  const url = new URL(text);
  if (url.port === "0") throw new UsageError(`${text}: nobody can be at port 0`);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port || (url.protocol === "wss:" ? 443 : 80)),
    dial: (signal) => dialWebSocket(url, { signal }),
  };
}
