/**
 * A client of the setting `key` alone, for pages that need no other setting. Its channels are those of `connect` of
 * `@fesa/channel`.
 *
 * @example
 * ```ts
 * import { type Channel, connect, pin, type Transport } from "@fesa/channel/key";
 *
 * function open(transport: Transport): Promise<Channel> {
 *   const trust = pin("sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
 *   return connect(transport, { security: { setting: "key", trust } });
 * }
 * ```
 *
 * @module
 */

import { checkOptions } from "../../../check.ts";
import type { Transport } from "../../../connection.ts";
import type { Channel } from "../../channel.ts";
import { type ChannelOptions, establish } from "../../establish.ts";
import { keyHandshake } from "./client.ts";
import type { KeyClient } from "./options.ts";

export * from "../client_types.ts";
export type { RekeyOptions } from "../../../tls/record/limits.ts";
export type {
  Algorithm,
  KeyExchangeChoice,
  OwnKey,
  TlsSettingClient,
  TlsSettingOptions,
} from "../tls/options.ts";
export * from "./trust.ts";
export type { KeyClient } from "./options.ts";
export type { CertificateSource } from "../certificate/options.ts";

/** Options of {@link connect}. */
export interface KeyConnectOptions extends ChannelOptions {
  /** The setting, which says which server to trust. */
  readonly security: KeyClient;
}

/**
 * Sets up a channel with the setting `key` as the client. The transport belongs to the channel from then on. If the
 * handshake fails, the transport is ended.
 *
 * @throws {ChannelError} As `connect` of `@fesa/channel`.
 * @throws {TypeError} If an option is missing, is of the wrong type or has an unknown value, or `security` has an unknown
 * option.
 * @throws {RangeError} If a size is out of bounds.
 * @example
 * ```ts
 * import { type Channel, connect, firstUse, type Transport, webPinStore, type WebStorage } from "@fesa/channel/key";
 *
 * function open(transport: Transport, storage: WebStorage): Promise<Channel> {
 *   const trust = firstUse(webPinStore(storage), "app.example:443");
 *   return connect(transport, { security: { setting: "key", trust } });
 * }
 * ```
 */
export async function connect(transport: Transport, options: KeyConnectOptions): Promise<Channel> {
  checkOptions("options", options);
  const { security } = options;
  checkOptions("security", security);
  if (security.setting !== "key") throw new TypeError("security.setting must be key here");
  return await establish(transport, options, (wire, crypto) => keyHandshake(wire, security, crypto));
}
