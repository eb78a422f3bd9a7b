/**
 * TCP for Node, Deno and Bun, through `node:net`: dialling, listening, and Node's streams as transports.
 *
 * @example
 * ```ts
 * import { dial, listen } from "@fesa/channel/node";
 *
 * await using listener = await listen({ port: 0, onTransport: ({ readable, writable }) => readable.pipeTo(writable) });
 * const transport = await dial({ host: "127.0.0.1", port: listener.port });
 * await transport.writable.close();
 * ```
 *
 * @module
 */

import { connect } from "node:net";
import type { Socket } from "node:net";
import { ChannelError } from "../errors.ts";
import type { Transport } from "../wire.ts";
import { fromDuplex } from "./node_duplex.ts";

export type { Transport } from "../wire.ts";
export { fromDuplex } from "./node_duplex.ts";
export { type CloseOptions, listen, type Listener, type ListenOptions, type Peer } from "./node_listener.ts";

/** Where to connect to. */
export interface DialOptions {
  /** A host name or an address. */
  readonly host: string;
  /** The port. */
  readonly port: number;
  /** Gives up connecting. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Connects to a TCP port.
 *
 * @param options Where to.
 * @returns The transport, connected.
 * @throws {ChannelError} `transport` where it cannot connect; `aborted` where the signal fired before it had.
 * @example
 * ```ts
 * import { dial } from "@fesa/channel/node";
 *
 * try {
 *   await dial({ host: "127.0.0.1", port: 1 });
 * } catch (error) {
 *   console.log(`nobody listens there: ${error}`);
 * }
 * ```
 */
export async function dial(options: DialOptions): Promise<Transport> {
  const { host, port, signal } = options;
  const socket = connect({ host, port, allowHalfOpen: true, noDelay: true });
  return fromDuplex(await connected(socket, "connect", `${host}:${port}`, signal));
}

/** Waits for a socket's `event`, which says that it is connected. */
function connected(socket: Socket, event: string, where: string, signal?: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const fail = (error: ChannelError) => {
      signal?.removeEventListener("abort", onAbort);
      socket.destroy();
      reject(error);
    };
    const onAbort = () =>
      fail(new ChannelError("aborted", "aborted by the caller's signal", { cause: signal?.reason }));
    const onError = (cause: Error & { code?: string }) =>
      fail(
        new ChannelError("transport", `cannot connect to ${where}: ${cause.message || cause.code}`, {
          cause,
        }),
      );
    if (signal?.aborted) return onAbort();
    signal?.addEventListener("abort", onAbort);
    socket.once("error", onError);
    socket.once(event, () => {
      signal?.removeEventListener("abort", onAbort);
      socket.off("error", onError);
      resolve(socket);
    });
  });
}
