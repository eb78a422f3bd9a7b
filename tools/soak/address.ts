/** Connecting from one of several loopback addresses, since a server counts and serves clients by their address. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import process from "node:process";

/** Networks of the loopback interface, for each kind of client. */
export const NETWORKS = { clients: 1, newcomers: 2, attackers: 3 } as const;

/** Returns a socket that connects to a port from an address of a network. Only Linux has more than 127.0.0.1 by itself. */
export function connecting(port: number, network: number, index: number): Socket {
  const localAddress = process.platform === "linux" ? `127.0.${network}.${1 + index}` : undefined;
  return connect({ host: "127.0.0.1", port, localAddress, allowHalfOpen: true, noDelay: true });
}

/** Returns a connected socket from an address of a network. */
export async function connected(port: number, network: number, index: number): Promise<Socket> {
  const socket = connecting(port, network, index);
  await once(socket, "connect");
  return socket;
}
