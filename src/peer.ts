/** The peer's address, if the transport knows it. */

/** The address of the other end of a connection. */
export interface Peer {
  /** The peer's address. */
  readonly address: string;
  /** The peer's port. */
  readonly port: number;
}

/** Returns the peer's address, as this library's transports and Deno's give it; undefined if it has no IP address. */
export function peerOf(transport: object): Peer | undefined {
  const { peer, remoteAddr } = transport as {
    readonly peer?: Peer;
    readonly remoteAddr?: { readonly hostname?: string; readonly port?: number };
  };
  const { address = remoteAddr?.hostname, port = remoteAddr?.port ?? 0 } = peer ?? {};
  return address ? { address, port } : undefined;
}
