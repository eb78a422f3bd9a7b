/** The common exports of the modules for one setting: errors, and the types of a channel. */

export {
  CertificateError,
  type CertificateReason,
  ChannelError,
  type ChannelErrorOptions,
  type ErrorCode,
} from "../../errors.ts";
export type { Channel, ReceiveOptions, SendOptions } from "../channel.ts";
export type { ChannelOptions } from "../establish.ts";
export type { ChannelInfo, ChannelStats, Compression, HandshakeCost, PeerInfo, Setting } from "../info.ts";
export type { CryptoChoice } from "../../platform/choose.ts";
export type { Transport } from "../../connection.ts";
