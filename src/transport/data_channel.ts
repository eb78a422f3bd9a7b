/**
 * A WebRTC data channel as a transport. A browser's own encryption of it ends where the signalling says; a secured
 * channel on top of it ends where its keys say.
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

import type { Transport } from "../wire.ts";
import {
  EventTransport,
  type WebSocketEvent,
  type WebSocketLike,
  type WebSocketOptions,
} from "./websocket/events.ts";

export type { Transport } from "../wire.ts";
export type { WebSocketOptions } from "./websocket/events.ts";

/** What is used of an `RTCDataChannel`. */
export interface DataChannelLike {
  /** Where it is in its life. */
  readonly readyState: "connecting" | "open" | "closing" | "closed";
  /** Bytes that were given to `send` and have not left. */
  readonly bufferedAmount: number;
  /** Whether messages arrive in the order in which they were sent. */
  readonly ordered: boolean;
  /** How often a message is sent again; null is as often as it takes. */
  readonly maxRetransmits: number | null;
  /** How long a message is sent again; null is as long as it takes. */
  readonly maxPacketLifeTime: number | null;
  /** Is set to `"arraybuffer"`. */
  binaryType: string;
  /** Sends one binary message. */
  send(data: Uint8Array<ArrayBuffer>): void;
  /** Begins closing. */
  close(): void;
  /** Hears what happens. */
  addEventListener(
    type: "open" | "message" | "error" | "close",
    listener: (event: WebSocketEvent) => void,
  ): void;
}

/**
 * A transport over a data channel, which has to be reliable and ordered, as they are by default. It is like that over a
 * WebSocket, save that a data channel has no close codes: every close is the end of the stream, and the session above
 * tells an orderly end from another.
 *
 * @param channel The data channel, open or connecting; no message may have arrived at it yet.
 * @param options How much may wait to be read.
 * @returns The transport, at once: writes wait until the channel is open.
 * @throws {RangeError} Where the channel is not reliable and ordered.
 * @throws {ChannelError} `closed` where the channel is closed already.
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

/** Makes a data channel look like a WebSocket. */
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
