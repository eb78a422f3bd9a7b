/** Transports, and the connections that the wire reads and writes. */

import { wrongType } from "./check.ts";

/**
 * A pair of streams that carries bytes in both directions: a `Deno.Conn`, a WinterTC socket, a WebTransport stream, the
 * streams of a `WebSocketStream`, or one of this library's transports.
 */
export interface Transport {
  /** The bytes from the peer. */
  readonly readable: ReadableStream<Uint8Array>;
  /** The bytes to the peer. */
  readonly writable: WritableStream<Uint8Array>;
}

/**
 * A stream of bytes in both directions without web streams. For a small message, the queues and promises of web streams
 * would cost more than the reads and writes themselves.
 */
export interface Connection {
  /** Returns the next received bytes, or null after the peer's end. One call at a time. */
  read(): Promise<Uint8Array | null>;
  /** Sends bytes after those of earlier calls. Resolves when they have been accepted, which gives backpressure. */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends the writing direction after the written bytes. Called once. */
  end(): Promise<void>;
  /** Discards all bytes that still arrive. A pending read resolves to null. */
  cancel(reason?: unknown): void;
  /** Ends the writing direction at once, without an orderly end. Data not yet sent may be discarded. */
  abort(reason?: unknown): void;
}

/** A transport that has a connection. */
export interface ConnectedTransport extends Transport {
  /** Returns the connection to the first caller. Returns undefined if another caller has it or the streams are in use. */
  claimConnection(): Connection | undefined;
}

/**
 * Returns the connection of a transport: its own connection if that is not in use, else a connection over its streams. From
 * then on only the caller can use the transport.
 *
 * @throws {TypeError} If the value is not a transport, or is in use elsewhere.
 */
export function connectionOf(transport: unknown): Connection {
  const own = (transport as Partial<ConnectedTransport> | null | undefined)?.claimConnection?.();
  if (own !== undefined) return own;
  checkTransport(transport);
  if (transport.readable.locked || transport.writable.locked) {
    throw new TypeError("the transport is locked: its streams are in use elsewhere");
  }
  return new ConnectionOverStreams(transport);
}

/**
 * A transport that can end its writing direction alone by this method, such as a `Deno.Conn`. The close of its stream would
 * end both directions, and reset the connection if the peer is still sending.
 */
type HalfClosable = Transport & { closeWrite?(): Promise<void> };

/** A connection over the two streams of any transport. */
class ConnectionOverStreams implements Connection {
  readonly #transport: HalfClosable;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;

  constructor(transport: HalfClosable) {
    this.#transport = transport;
    this.#reader = transport.readable.getReader();
    this.#writer = transport.writable.getWriter();
    this.#writer.closed.catch(() => {}); // the next write reports a failure
    this.#reader.closed.catch(() => {}); // and so does the next read
  }

  async read(): Promise<Uint8Array | null> {
    const { done, value } = await this.#reader.read();
    return done ? null : value;
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#writer.write(bytes);
  }

  end(): Promise<void> {
    return this.#transport.closeWrite?.() ?? this.#writer.close();
  }

  cancel(reason: unknown): void {
    this.#reader.cancel(reason).catch(() => {});
  }

  abort(reason: unknown): void {
    this.#writer.abort(reason).catch(() => {});
  }
}

/**
 * Refuses a value that is not a transport. The error says which function makes a transport of it.
 *
 * @throws {TypeError} If it is not a pair of streams.
 */
function checkTransport(transport: unknown): asserts transport is Transport {
  if (isTransport(transport)) return;
  throw wrongType(
    "the transport",
    "a pair of streams, { readable, writable }",
    transport,
    helperFor(transport),
  );
}

function isTransport(value: unknown): value is Transport {
  if (typeof value !== "object" || value === null || !("readable" in value && "writable" in value)) {
    return false;
  }
  const { readable, writable } = value as {
    readable?: Partial<ReadableStream>;
    writable?: Partial<WritableStream>;
  };
  return typeof readable?.getReader === "function" && typeof writable?.getWriter === "function";
}

/** Returns what to do with a value that is often mistaken for a transport. */
function helperFor(value: unknown): string {
  if (typeof value === "string" || value instanceof URL) {
    return "dial and dialWebSocket of @fesa/channel/node connect, and webSocketTransport does in a page";
  }
  const has = (...names: string[]) => names.every((name) => name in (value as object));
  if (typeof value !== "object" || value === null) return "";
  if (has("then")) return "await it";
  if (has("pipe", "on")) return "fromDuplex of @fesa/channel/node makes one of a Node stream";
  if (has("binaryType", "label")) {
    return "dataChannelTransport of @fesa/channel/data-channel makes one of an RTCDataChannel";
  }
  if (has("binaryType", "send")) {
    return "webSocketTransport of @fesa/channel/websocket makes one of a WebSocket";
  }
  if (has("postMessage", "start")) {
    return "messagePortTransport of @fesa/channel/message-port makes one of a MessagePort";
  }
  if (has("host", "port")) return "dial of @fesa/channel/node connects";
  return "";
}
