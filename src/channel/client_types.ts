/** What every client speaks of, whatever its setting. */

export type { Channel, SendOptions } from "./channel.ts";
export type { ChannelOptions } from "./establish.ts";
export type { ChannelInfo, ChannelStats, Compression, HandshakeCost, PeerInfo, Setting } from "./info.ts";
export type { Transport } from "../wire.ts";
