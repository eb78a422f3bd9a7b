/**
 * A client of the setting `certificate`, and of no other: for pages that are built for it. What it gives is what `connect`
 * of `@fesa/channel` gives.
 *
 * @example
 * ```ts
 * import { type Channel, connect, type Transport } from "@fesa/channel/certificate";
 *
 * function open(transport: Transport, roots: string): Promise<Channel> {
 *   return connect(transport, { security: { setting: "certificate", roots, serverName: "app.example" } });
 * }
 * ```
 *
 * @module
 */

import { checkOptions } from "../../../check.ts";
import type { Transport } from "../../../wire.ts";
import { certificateHandshake } from "./client.ts";
import type { Channel } from "../../channel.ts";
import { type ChannelOptions, establish } from "../../establish.ts";
import type { CertificateClient } from "./options.ts";

export * from "../client_types.ts";
export type { RekeyOptions } from "../../../tls/record/limits.ts";
export type {
  Algorithm,
  KeyExchangeChoice,
  OwnKey,
  TlsSettingClient,
  TlsSettingOptions,
} from "../tls/options.ts";
export type { CertificateClient, CertificateSource, ChainTrust, RevocationListSource } from "./options.ts";

/** Options of {@link connect}. */
export interface CertificateConnectOptions extends ChannelOptions {
  /** Which server is the right one. */
  readonly security: CertificateClient;
}

/**
 * Sets up a channel of the setting `certificate` as the client. The transport belongs to the channel from here on; where
 * the handshake fails it has been ended.
 *
 * @throws {ChannelError} As `connect` of `@fesa/channel`.
 * @throws {CertificateError} The server's certificate was refused; `reason` says why.
 * @throws {TypeError} An option makes no sense.
 * @throws {RangeError} A size is out of bounds.
 * @example
 * ```ts
 * import { type Channel, connect, type Transport } from "@fesa/channel/certificate";
 *
 * function open(transport: Transport, roots: string): Promise<Channel> {
 *   return connect(transport, { security: { setting: "certificate", roots, serverName: "app.example" } });
 * }
 * ```
 */
export async function connect(transport: Transport, options: CertificateConnectOptions): Promise<Channel> {
  checkOptions("options", options);
  const { security } = options;
  checkOptions("security", security);
  if (security.setting !== "certificate") throw new TypeError("security.setting is certificate here");
  return await establish(transport, options, (wire, crypto) => certificateHandshake(wire, security, crypto));
}
