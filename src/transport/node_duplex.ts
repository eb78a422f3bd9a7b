/** Node's two-way streams as transports. */

import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { isBytes, wrongType } from "../check.ts";
import type { Peer } from "../peer.ts";
import type { Transport } from "../connection.ts";
import type { TcpTransport } from "./tcp.ts";
import { HIGH_WATER_MARK, TcpConnection } from "./tcp_connection.ts";

/**
 * Returns a transport over any duplex byte stream of Node: a `net.Socket`, a `tls.TLSSocket`, or the pipes of a child
 * process joined by `Duplex.from`. Backpressure works in both directions. The stream belongs to the transport from then on.
 *
 * @param duplex The stream. To let each direction end separately, a socket needs `allowHalfOpen: true`.
 * @returns The transport. If the stream fails or emits text or objects instead of bytes, both directions fail with a {@link
 * ChannelError} `transport`.
 * @example
 * ```ts
 * import { Duplex } from "node:stream";
 * import { fromDuplex } from "@fesa/channel/node";
 *
 * const echo = new Duplex({
 *   read() {},
 *   write(chunk, _encoding, done) { this.push(chunk); done(); },
 *   final(done) { this.push(null); done(); },
 * });
 * const { readable, writable } = fromDuplex(echo);
 * await writable.getWriter().write(new Uint8Array([1, 2, 3]));
 * const { value } = await readable.getReader().read();
 * if (value?.length !== 3) throw new Error("not echoed");
 * ```
 */
export function fromDuplex(duplex: Duplex): Transport {
  return new DuplexConnection(duplex);
}

/** Returns a transport over a socket, with the peer's address. */
export function fromSocket(socket: Socket): TcpTransport {
  return new SocketConnection(socket);
}

/** A stream of Node that ends like a TCP connection. */
class DuplexConnection extends TcpConnection {
  readonly #duplex: Duplex;

  constructor(duplex: Duplex) {
    super(HIGH_WATER_MARK);
    this.#duplex = duplex;
    duplex.on("data", (chunk: unknown) => {
      if (isBytes(chunk)) this.onData(chunk);
      else this.breakOff(wrongType("a chunk of the stream", "bytes", chunk));
    });
    duplex.on("end", () => this.onEnd());
    duplex.on("error", (cause) => this.onClose(cause));
    duplex.on("close", () => this.onClose(undefined));
    if (duplex.destroyed) this.onClose(undefined);
  }

  /** Node destroys a socket whose write fails, so that what the peer sent before, but was not read yet, is lost. */
  protected send(chunk: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#duplex.write(chunk, (cause) => cause ? reject(cause) : resolve());
    });
  }

  /**
   * Ends the writing direction. It always resolves, because a stream without `allowHalfOpen` has already ended when its peer
   * did.
   */
  protected finish(): Promise<void> {
    return new Promise((resolve) => void this.#duplex.end(() => resolve()));
  }

  protected resume(): void {
    this.#duplex.resume();
  }

  protected pause(): void {
    this.#duplex.pause();
  }

  protected terminate(): void {
    const { writableEnded, writableFinished } = this.#duplex;
    try {
      // libuv refuses a reset while a shutdown is in progress, and Node then never closes the socket.
      const ending = writableEnded && !writableFinished;
      if (this.#duplex instanceof Socket && !ending) this.#duplex.resetAndDestroy();
    } catch {
      // A stream that is not TCP, such as a pipe or TLS, has no reset.
    }
    this.#duplex.destroy(new Error("aborted"));
  }

  protected release(): void {
    this.#duplex.destroy();
  }
}

/** A socket with the address of its peer. */
class SocketConnection extends DuplexConnection implements TcpTransport {
  readonly peer: Peer;

  constructor(socket: Socket) {
    super(socket);
    this.peer = { address: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 };
  }
}
