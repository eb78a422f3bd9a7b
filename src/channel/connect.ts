/** The client's side of setting up a channel. */

import { checkOptions } from "../check.ts";
import { lazyModule } from "../lazy_module.ts";
import type { Transport } from "../connection.ts";
import type { Channel } from "./channel.ts";
import { type ChannelOptions, establish, type Handshake } from "./establish.ts";
import type { ConnectSecurity } from "./settings/mod.ts";

/** Options of {@link connect}. */
export interface ConnectOptions extends ChannelOptions {
  /** The security setting to request. The server cannot downgrade it to another setting or a weaker algorithm. */
  readonly security: ConnectSecurity;
}

/**
 * Sets up a channel as the client. The transport belongs to the channel from then on. If the handshake fails, the transport
 * is ended. If an option is refused before the transport is used, it stays open.
 *
 * @param transport Anything with a `readable` and a `writable` of bytes, connected to the server.
 * @param options The security setting, and limits.
 * @returns The channel, after the handshake.
 * @throws {ChannelError} `not_offered`, `untrusted`, `key_changed`, `timeout`, `aborted`, `transport` and others; see
 * {@link ErrorCode}.
 * @throws {CertificateError} If the server's certificate is refused; `reason` says why.
 * @throws {TypeError} If an option is missing, is of the wrong type or has an unknown value, or `security` has an unknown
 * option.
 * @throws {RangeError} If a size is out of bounds.
 *
 * @example
 * ```ts
 * import { accept, connect } from "@fesa/channel";
 * import { memoryPair } from "@fesa/channel/memory";
 *
 * const [here, there] = memoryPair();
 * const secret = crypto.getRandomValues(new Uint8Array(32));
 * const [server, client] = await Promise.all([
 *   accept(there, { security: [{ setting: "native", secret }] }),
 *   connect(here, { security: { setting: "native", secret } }),
 * ]);
 * await client.send("hello");
 * console.log((await server.receive())?.length); // 5
 * await Promise.all([client.close(), server.close()]);
 * ```
 */
export async function connect(transport: Transport, options: ConnectOptions): Promise<Channel> {
  checkOptions("options", options);
  return await establish(transport, options, handshakeFor(options.security));
}

const certificate = lazyModule(() => import("./settings/certificate/client.ts"));
const key = lazyModule(() => import("./settings/key/client.ts"));
const native = lazyModule(() => import("./settings/native/client.ts"));
const off = lazyModule(() => import("./settings/off.ts"));

/**
 * Loads only the code of the requested setting, so that a page whose bundler splits code loads nothing else. Loading is part
 * of the handshake and has the same time limit and abort signal.
 */
function handshakeFor(security: ConnectSecurity): Handshake {
  checkOptions("security", security);
  switch (security.setting) {
    case "certificate":
      return async (wire, crypto) => (await certificate()).certificateHandshake(wire, security, crypto);
    case "key":
      return async (wire, crypto) => (await key()).keyHandshake(wire, security, crypto);
    case "native":
      return async (wire, crypto) => (await native()).nativeHandshake(wire, security, crypto);
    case "off":
      return async (wire) => (await off()).offHandshake(wire, security);
    default:
      throw new TypeError("security.setting must be certificate, key, native or off");
  }
}
