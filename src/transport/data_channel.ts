/**
 * A WebRTC data channel as a transport. The browser encrypts it for the peer that the signalling server names; a secured
 * channel over it is encrypted for the peer that has the keys.
 *
 * @example
 * ```ts
 * import { type Channel, connect } from "@fesa/channel";
 * import { dataChannelTransport } from "@fesa/channel/data-channel";
 *
 * function open(peer: RTCPeerConnection, secret: Uint8Array): Promise<Channel> {
 *   const transport = dataChannelTransport(peer.createDataChannel("fesa"));
 *   return connect(transport, { security: { setting: "native", secret } });
 * }
 * ```
 *
 * @module
 */

import type { Transport } from "../connection.ts";
import {
  EventTransport,
  type WebSocketEvent,
  type WebSocketLike,
  type WebSocketOptions,
} from "./websocket/events.ts";

export type { Transport } from "../connection.ts";
export type { WebSocketOptions } from "./websocket/events.ts";

/** The part of an `RTCDataChannel` that is used. */
export interface DataChannelLike {
  /** The state of the data channel. */
  readonly readyState: "connecting" | "open" | "closing" | "closed";
  /** The bytes that were passed to `send` and have not been sent yet. */
  readonly bufferedAmount: number;
  /** Whether messages arrive in the order in which they were sent. */
  readonly ordered: boolean;
  /** How often a message is retransmitted; null for no limit. */
  readonly maxRetransmits: number | null;
  /** For how long a message is retransmitted; null for no limit. */
  readonly maxPacketLifeTime: number | null;
  /** The type of received messages, which is set to `"arraybuffer"`. */
  binaryType: string;
  /** Sends one binary message. */
  send(data: Uint8Array<ArrayBuffer>): void;
  /** Begins closing. */
  close(): void;
  /** Listens for events. */
  addEventListener(
    type: "open" | "message" | "error" | "close",
    listener: (event: WebSocketEvent) => void,
  ): void;
}

/**
 * Returns a transport over a data channel, which must be reliable and ordered (the default). It works like a transport over
 * a WebSocket, but a data channel has no close codes. Every close is the end of the stream, and the session over it
 * distinguishes an orderly end from a truncation.
 *
 * @param channel The data channel, which must be open or connecting and must not have received a message yet.
 * @param options The limit on bytes that wait to be read.
 * @returns The transport, without waiting for the channel to open. Writes wait for that.
 * @throws {RangeError} If the channel is not reliable and ordered.
 * @throws {ChannelError} `closed` if the channel is already closed.
 * @example
 * ```ts ignore
 * import { connect } from "@fesa/channel";
 * import { dataChannelTransport } from "@fesa/channel/data-channel";
 *
 * const transport = dataChannelTransport(peerConnection.createDataChannel("fesa"));
 * const channel = await connect(transport, { security });
 * ```
 */
export function dataChannelTransport(channel: DataChannelLike, options: WebSocketOptions = {}): Transport {
  if (!channel.ordered || channel.maxRetransmits !== null || channel.maxPacketLifeTime !== null) {
    throw new RangeError("the data channel is not reliable and ordered");
  }
  return new EventTransport(new ChannelSocket(channel), options);
}

const READY_STATES = ["connecting", "open", "closing", "closed"];

/** Adapts a data channel to the interface of a WebSocket. */
class ChannelSocket implements WebSocketLike {
  readonly #channel: DataChannelLike;

  constructor(channel: DataChannelLike) {
    this.#channel = channel;
  }

  get readyState(): number {
    return READY_STATES.indexOf(this.#channel.readyState);
  }

  get bufferedAmount(): number {
    return this.#channel.bufferedAmount;
  }

  get binaryType(): string {
    return this.#channel.binaryType;
  }

  set binaryType(type: string) {
    this.#channel.binaryType = type;
  }

  send(data: Uint8Array<ArrayBuffer>): void {
    this.#channel.send(data);
  }

  close(): void {
    this.#channel.close();
  }

  addEventListener(
    type: "open" | "message" | "error" | "close",
    listener: (event: WebSocketEvent) => void,
  ): void {
    this.#channel.addEventListener(type, listener);
  }
}
