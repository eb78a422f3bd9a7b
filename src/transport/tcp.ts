/// <reference lib="esnext.disposable" preserve="true" />
/** The options and types of connecting and listening, by TCP and Unix sockets, on every runtime. */

import { checkOptions, wrongType } from "../check.ts";
import { ChannelError } from "../errors.ts";
import type { Peer } from "../peer.ts";
import type { Listener } from "../server/server.ts";
import type { Transport } from "../wire.ts";
import { checkSocketFile } from "./unix_socket.ts";

/** Where to connect to. */
export interface DialOptions {
  /** A host name or an address. */
  readonly host: string;
  /** The port. */
  readonly port: number;
  /** Gives up connecting; `AbortSignal.timeout` makes it a time limit. */
  readonly signal?: AbortSignal | undefined;
}

/** Which Unix socket to connect to. */
export interface DialUnixOptions {
  /** The socket's file. */
  readonly path: string;
  /** Gives up connecting. */
  readonly signal?: AbortSignal | undefined;
}

/** A place that a program listens on: a port, or a Unix socket. */
export type Place = Pick<DialOptions, "host" | "port"> | Pick<DialUnixOptions, "path">;

/**
 * Returns the options of a `dial`, whose argument is `"host:port"`, `"[::1]:port"`, `"unix:/path"`, or an object.
 *
 * @throws {TypeError} If the host or path is not a string, or the string has another form.
 * @throws {RangeError} If the port is not from 0 to 65,535.
 */
export function dialOptions(given: DialOptions | DialUnixOptions | string): DialOptions | DialUnixOptions {
  const options = typeof given === "string" ? fromText(given) : given;
  checkOptions("the server", options);
  if ("path" in options && options.path !== undefined) {
    checkSocketFile(options.path);
    return { path: options.path, signal: options.signal };
  }
  const { host, port, signal } = options as DialOptions;
  checkPort(port);
  if (typeof host !== "string" || host === "") throw wrongType("host", "a host name or an address", host);
  if (/^[a-z]+:\/\//i.test(host)) throw new TypeError(`host: ${host} is a URL, not a host`);
  return { host, port, signal };
}

function fromText(text: string): DialOptions | DialUnixOptions {
  if (text.startsWith("unix:")) return { path: text.slice("unix:".length) };
  const match = /^(?:\[([^\[\]\s]+)\]|([^\[\]\s:\/]+)):(\d{1,5})$/.exec(text);
  if (match === null) throw new TypeError(`${JSON.stringify(text)} is not host:port or unix:/path`);
  return { host: match[1] ?? match[2], port: Number(match[3]) };
}

/** Refuses what is not a port number. */
export function checkPort(port: unknown): void {
  if (typeof port !== "number") throw wrongType("port", "a number", port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError("port must be from 0 to 65,535");
  }
}

/** Where to listen. */
export interface ListenOptions {
  /** The address to listen on; `127.0.0.1` by default, so that nothing is open to the network unless asked for. */
  readonly host?: string | undefined;
  /** The port to listen on; 0, the default, chooses a free port. */
  readonly port?: number | undefined;
  /**
   * Whether other processes may listen on the same port, so that the system spreads connections over them. Linux does so for
   * Bun, Node 22.12 or later, and Deno with `--unstable-net`, which ends the process otherwise. On Node there is
   * `node:cluster`, too.
   */
  readonly reusePort?: boolean | undefined;
  /** The file of a Unix socket to listen on instead. A socket left over from an ended server is replaced. */
  readonly path?: string | undefined;
  /** Who may connect to the Unix socket, as a file's mode; 0o600 by default, which allows only the same user. */
  readonly mode?: number | undefined;
  /**
   * Expects each connection to begin with a PROXY protocol header, version 1 or 2, which tells the client's address: `peer` is
   * then the client and not the proxy. The option lists the proxies' addresses and ranges, such as `10.0.0.5` and
   * `10.1.0.0/16`; `true` stands for those of this machine. Anyone who may open a Unix socket is trusted. Connections from
   * elsewhere, or without a header, are refused.
   */
  readonly proxyProtocol?: true | readonly string[] | undefined;
}

/** A connection that was dialled, or accepted by a listener. */
export interface TcpTransport extends Transport {
  /** Who is at the other end. */
  readonly peer: Peer;
  /** Closes both directions: reads end; data written before is still sent, for two seconds at most. */
  close(): void;
}

/** Listens on a port or a Unix socket. `serve` takes the connections; iterating yields them, too. */
export interface TcpListener extends Listener<TcpTransport>, AsyncDisposable {
  /** The address it listens on; empty for a Unix socket. */
  readonly host: string;
  /** The port it listens on; 0 for a Unix socket. */
  readonly port: number;
  /** The file of the Unix socket that it listens on. */
  readonly path?: string | undefined;
  /** Stops listening. Accepted connections go on; those still waiting are closed. */
  close(): Promise<void>;
}

/** Returns a transport inside a connection: it has the same peer, and closing it closes the connection. */
export function insideOf(connection: TcpTransport, { readable, writable }: Transport): TcpTransport {
  return { readable, writable, peer: connection.peer, close: () => connection.close() };
}

/** The error of a connection that broke. */
export function connectionFailed(cause: unknown): ChannelError {
  return new ChannelError("transport", `the connection failed: ${messageOf(cause)}`, { cause });
}

/** The error of a connection that could not be made. */
export function cannotConnect(place: Place, cause: unknown): ChannelError {
  return new ChannelError("transport", `cannot connect to ${nameOf(place)}: ${messageOf(cause)}`, { cause });
}

/** The error of a place that cannot be listened on. */
export function cannotListen(place: Place, cause: unknown): ChannelError {
  return new ChannelError("transport", `cannot listen on ${nameOf(place)}: ${messageOf(cause)}`, { cause });
}

function nameOf(place: Place): string {
  return "path" in place ? `unix:${place.path}` : `${place.host}:${place.port}`;
}

/** The message of an error. Some errors of Node have only a code, such as that of a name with several addresses. */
function messageOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.message || (cause as { code?: string }).code || cause.name;
}
