/**
 * A client of the setting `native` alone, for pages that need no other setting. It is the smallest client. Its channels are
 * those of `connect` of `@fesa/channel`.
 *
 * @example
 * ```ts
 * import { accept } from "@fesa/channel";
 * import { memoryPair } from "@fesa/channel/memory";
 * import { connect } from "@fesa/channel/native";
 *
 * const [here, there] = memoryPair();
 * const security = { setting: "native", secret: crypto.getRandomValues(new Uint8Array(32)) } as const;
 * const [client, server] = await Promise.all([
 *   connect(here, { security }),
 *   accept(there, { security: [security] }),
 * ]);
 * await Promise.all([client.close(), server.close()]);
 * ```
 *
 * @module
 */

import { checkOptions } from "../../../check.ts";
import type { Transport } from "../../../connection.ts";
import type { Channel } from "../../channel.ts";
import { type ChannelOptions, establish } from "../../establish.ts";
import { nativeHandshake } from "./client.ts";
import type { NativeClient } from "./options.ts";

export * from "../client_types.ts";
export type { NativeClientIdentity } from "../../../noise/client.ts";
export type { StaticKeyCheck } from "../../../noise/profile.ts";
export type { CompressionOptions } from "../compression.ts";
export type { CipherName } from "../../../noise/protocol.ts";
export type { NativeClient, NativeOptions } from "./options.ts";
export type { KeyPair } from "../../../crypto/ec/key_agreement.ts";

/** Options of {@link connect}. */
export interface NativeConnectOptions extends ChannelOptions {
  /** The setting, with the secret or the keys that this client and its server know of each other. */
  readonly security: NativeClient;
}

/**
 * Sets up a channel with the setting `native` as the client. The transport belongs to the channel from then on. If the
 * handshake fails, the transport is ended.
 *
 * @throws {ChannelError} As `connect` of `@fesa/channel`.
 * @throws {TypeError} If an option is missing, is of the wrong type or has an unknown value, or `security` has an unknown
 * option.
 * @throws {RangeError} If a size is out of bounds.
 * @example
 * ```ts
 * import { type Channel, connect, type Transport } from "@fesa/channel/native";
 *
 * function open(transport: Transport, serverKey: Uint8Array): Promise<Channel> {
 *   return connect(transport, { security: { setting: "native", serverKey } });
 * }
 * ```
 */
export async function connect(transport: Transport, options: NativeConnectOptions): Promise<Channel> {
  checkOptions("options", options);
  const { security } = options;
  checkOptions("security", security);
  if (security.setting !== "native") throw new TypeError("security.setting must be native here");
  return await establish(transport, options, (wire, crypto) => nativeHandshake(wire, security, crypto));
}
