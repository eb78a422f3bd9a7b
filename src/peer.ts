/** Who is at the other end of a transport, where it tells. */

/** Who is at the other end of a connection. */
export interface Peer {
  /** The peer's address. */
  readonly address: string;
  /** The peer's port. */
  readonly port: number;
}

/** Returns what this library's transports and Deno's say of their peer; undefined if it has no address of IP. */
export function peerOf(transport: object): Peer | undefined {
  const { peer, remoteAddr } = transport as {
    readonly peer?: Peer;
    readonly remoteAddr?: { readonly hostname?: string; readonly port?: number };
  };
  const { address = remoteAddr?.hostname, port = remoteAddr?.port ?? 0 } = peer ?? {};
  return address ? { address, port } : undefined;
}
