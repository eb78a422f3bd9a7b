/** Where to listen and where to connect to, as the command line writes it. */

import { dial, dialWebSocket } from "../transport/node.ts";
import type { Transport } from "../wire.ts";
import { UsageError } from "./command.ts";

/** A host and a port. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Reads `HOST:PORT`, `[IPV6]:PORT` or, for this machine alone, `PORT`; `what` names it in the error. */
export function parseEndpoint(text: string, what: string): Endpoint {
  const match = /^(?:(?:\[([0-9A-Fa-f:.]+)\]|([^\s:\/\[\]]+)):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) throw new UsageError(`${what} is HOST:PORT, not ${text}`);
  return { host: match[1] ?? match[2] ?? "127.0.0.1", port };
}

/** `HOST:PORT`, with brackets around an IPv6 address. */
export function formatEndpoint({ host, port }: Endpoint): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** A server to connect to, over TCP or WebSocket. */
export interface Target extends Endpoint {
  /** Connects. */
  dial(signal: AbortSignal): Promise<Transport>;
}

/** Reads `HOST:PORT`, `ws://…` or `wss://…`. */
export function parseTarget(text: string): Target {
  if (!/^wss?:\/\//.test(text)) {
    const endpoint = parseEndpoint(text, "the server");
    return { ...endpoint, dial: (signal) => dial({ ...endpoint, signal }) };
  }
  if (!URL.canParse(text)) throw new UsageError(`${text} is not a URL`);
  const url = new URL(text);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port || (url.protocol === "wss:" ? 443 : 80)),
    dial: (signal) => dialWebSocket(url, { signal }),
  };
}
