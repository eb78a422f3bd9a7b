/// <reference lib="esnext.disposable" preserve="true" />
/** The options and types for connecting and listening over TCP and Unix sockets, common to all runtimes. */

import { checkOptions, checkSignal, wrongType } from "../check.ts";
import { ChannelError } from "../errors.ts";
import type { Peer } from "../peer.ts";
import type { Listener } from "../server/server.ts";
import type { Transport } from "../connection.ts";
import { checkSocketFile } from "./unix_socket.ts";

/** The TCP address to connect to. */
export interface DialOptions {
  /** A host name or an address. */
  readonly host: string;
  /** The port. */
  readonly port: number;
  /** Aborts connecting. For a time limit, use `AbortSignal.timeout`. */
  readonly signal?: AbortSignal | undefined;
}

/** The Unix socket to connect to. */
export interface DialUnixOptions {
  /** The socket's file. */
  readonly path: string;
  /** Aborts connecting. */
  readonly signal?: AbortSignal | undefined;
}

/** The address of a listener: a host and a port, or a Unix socket. */
export type Place = Pick<DialOptions, "host" | "port"> | Pick<DialUnixOptions, "path">;

/**
 * Returns the options of a `dial`, whose argument is `"host:port"`, `"[::1]:port"`, `"unix:/path"`, or an object.
 *
 * @throws {TypeError} If the host or path is not a string, the string has another form, or `signal` is not an AbortSignal.
 * @throws {RangeError} If the port is not from 0 to 65,535.
 */
export function dialOptions(given: DialOptions | DialUnixOptions | string): DialOptions | DialUnixOptions {
  const options = typeof given === "string" ? fromText(given) : given;
  checkOptions("the server", options);
  checkSignal(options.signal);
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

/** Refuses a value that is not a port number. */
export function checkPort(port: unknown): void {
  if (typeof port !== "number") throw wrongType("port", "a number", port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError("port must be from 0 to 65,535");
  }
}

/** Options of `listen`. */
export interface ListenOptions {
  /** The address to listen on; `127.0.0.1` by default, so that the network has no access unless this is set. */
  readonly host?: string | undefined;
  /** The port to listen on; 0, the default, chooses a free port. */
  readonly port?: number | undefined;
  /**
   * Whether other processes may listen on the same port, so that the system spreads connections over them. This works on
   * Linux with Bun, Node 22.12 or later, and Deno with `--unstable-net`; without that flag, Deno ends the process. Node also
   * has `node:cluster`.
   */
  readonly reusePort?: boolean | undefined;
  /** The file of a Unix socket to listen on instead of a port. A file that an ended server has left is replaced. */
  readonly path?: string | undefined;
  /**
   * The mode of the Unix socket's file, which determines who may connect; 0o600 by default, which allows only the same user.
   */
  readonly mode?: number | undefined;
  /**
   * Requires each connection to begin with a PROXY protocol header, version 1 or 2, which has the client's address. `peer`
   * is then the client and not the proxy. The option lists the proxies' addresses and ranges, such as `10.0.0.5` and
   * `10.1.0.0/16`; `true` stands for the loopback addresses. Anyone who may open a Unix socket is trusted. Connections from
   * other addresses or without a header are refused.
   */
  readonly proxyProtocol?: true | readonly string[] | undefined;
}

/** A connection over TCP or a Unix socket, from `dial` or from a listener. */
export interface TcpTransport extends Transport {
  /** The peer's address. */
  readonly peer: Peer;
  /** Closes both directions. Reads end; data that was written before is still sent, for at most two seconds. */
  close(): void;
}

/** A listener on a TCP port or a Unix socket. Iterating yields the connections; `serve` does so. */
export interface TcpListener extends Listener<TcpTransport>, AsyncDisposable {
  /** The address on which it listens; empty for a Unix socket. */
  readonly host: string;
  /** The port on which it listens; 0 for a Unix socket. */
  readonly port: number;
  /** The file of the Unix socket on which it listens. */
  readonly path?: string | undefined;
  /** Stops listening. Accepted connections continue; connections that wait to be accepted are closed. */
  close(): Promise<void>;
}

/** Returns a transport inside a connection: it has the same peer, and closing it closes the connection. */
export function insideOf(connection: TcpTransport, { readable, writable }: Transport): TcpTransport {
  return { readable, writable, peer: connection.peer, close: () => connection.close() };
}

/** Returns the error for a connection that has failed. */
export function connectionFailed(cause: unknown): ChannelError {
  return new ChannelError("transport", `the connection failed: ${messageOf(cause)}`, { cause });
}

/** Returns the error for a connection that cannot be made. */
export function cannotConnect(place: Place, cause: unknown): ChannelError {
  return new ChannelError("transport", `cannot connect to ${nameOf(place)}: ${messageOf(cause)}`, { cause });
}

/** Returns the error for an address on which the program cannot listen. */
export function cannotListen(place: Place, cause: unknown): ChannelError {
  return new ChannelError("transport", `cannot listen on ${nameOf(place)}: ${messageOf(cause)}`, { cause });
}

function nameOf(place: Place): string {
  return "path" in place ? `unix:${place.path}` : `${place.host}:${place.port}`;
}

/**
 * Returns the message of an error. Some errors of Node have only a code, such as the error for a host name with several
 * addresses.
 */
function messageOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.message || (cause as { code?: string }).code || cause.name;
}
