/**
 * A client of the setting `certificate` alone, for pages that need no other setting. Its channels are those of `connect` of
 * `@fesa/channel`.
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
import type { Transport } from "../../../connection.ts";
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
  /** The setting, which says which server to trust. */
  readonly security: CertificateClient;
}

/**
 * Sets up a channel with the setting `certificate` as the client. The transport belongs to the channel from then on. If the
 * handshake fails, the transport is ended.
 *
 * @throws {ChannelError} As `connect` of `@fesa/channel`.
 * @throws {CertificateError} If the server's certificate is refused; `reason` says why.
 * @throws {TypeError} If an option is missing, is of the wrong type or has an unknown value, or `security` has an unknown
 * option.
 * @throws {RangeError} If a size is out of bounds.
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
  if (security.setting !== "certificate") throw new TypeError("security.setting must be certificate here");
  return await establish(transport, options, (wire, crypto) => certificateHandshake(wire, security, crypto));
}
