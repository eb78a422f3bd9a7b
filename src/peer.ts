/** The peer's address, if the transport knows it. */

import { formatIpAddress, parseIpAddress, unmapped } from "./ip_address.ts";

/** The address of the peer of a connection. */
export interface Peer {
  /** The peer's address. */
  readonly address: string;
  /** The peer's port. */
  readonly port: number;
}

/**
 * Returns the peer's address from a transport of this library or of Deno, or undefined if the transport does not know it.
 */
export function peerOf(transport: object): Peer | undefined {
  const { peer, remoteAddr } = transport as {
    readonly peer?: Peer;
    readonly remoteAddr?: { readonly hostname?: string; readonly port?: number };
  };
  const { address = remoteAddr?.hostname, port = remoteAddr?.port ?? 0 } = peer ?? {};
  return address ? { address, port } : undefined;
}

/**
 * Returns the address or network to which limits apply. For an IPv6 address this is its /64 network, since one host may use
 * every address in it (RFC 4291 section 2.5.4).
 */
export function networkOf(peer: Peer | undefined): string | undefined {
  const bytes = parseIpAddress(peer?.address ?? "");
  if (bytes === undefined) return peer?.address;
  const address = unmapped(bytes);
  if (address.length === 4) return formatIpAddress(address);
  return `${formatIpAddress(address.slice().fill(0, 8))}/64`;
}
