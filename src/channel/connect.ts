/** The client's side. */

import { connectNative } from "../noise/client.ts";
import { connectPlain } from "../plain/session.ts";
import { clientHandshake } from "../tls/client.ts";
import type { Transport } from "../wire.ts";
import type { Channel } from "./channel.ts";
import { type ChannelOptions, establish, type Handshake } from "./establish.ts";
import { compressionOffer, nativeAgreement, plainAgreement } from "./light.ts";
import { rememberKey, tlsAgreement, tlsClientOptions } from "./open_standard.ts";
import type { CertificateClient, ConnectSecurity, KeyClient, NativeClient, OffSetting } from "./security.ts";

/** Options of {@link connect}. */
export interface ConnectOptions extends ChannelOptions {
  /** The one security setting to ask for. The server cannot lead to another one, nor to a weaker algorithm. */
  readonly security: ConnectSecurity;
}

/**
 * Sets up a channel as the client. The transport belongs to the channel from here on; where the handshake fails it has
 * been ended.
 *
 * @param transport Anything with a `readable` and a `writable` of bytes, connected to the server.
 * @param options The security setting, and limits.
 * @returns The channel, after the handshake.
 * @throws {ChannelError} `not_offered`, `untrusted`, `key_changed`, `timeout`, `aborted`, `transport` and others; see
 * {@link ErrorCode}.
 * @throws {CertificateError} The server's certificate was refused; `reason` says why.
 * @throws {TypeError} An option makes no sense.
 * @throws {RangeError} A size is out of bounds.
 *
 * @example
 * ```ts
 * import { accept, connect } from "@fesa/channel";
 * import { memoryPair } from "@fesa/channel/memory";
 *
 * const [here, there] = memoryPair();
 * const secret = crypto.getRandomValues(new Uint8Array(32));
 * const serving = accept(there, { security: [{ setting: "native", secret }] });
 * await using channel = await connect(here, { security: { setting: "native", secret } });
 * await channel.send("hello");
 * console.log((await (await serving).receive())?.length); // 5
 * ```
 */
export async function connect(transport: Transport, options: ConnectOptions): Promise<Channel> {
  return await establish(transport, options, handshakeFor(options.security));
}

function handshakeFor(security: ConnectSecurity): Handshake {
  switch (security.setting) {
    case "certificate":
    case "key":
      return openStandard(security);
    case "native":
      return native(security);
    case "off":
      return off(security);
    default:
      throw new TypeError("security.setting is certificate, key, native or off");
  }
}

function openStandard(security: CertificateClient | KeyClient): Handshake {
  const options = tlsClientOptions(security);
  return async (wire) => {
    const session = await clientHandshake(wire, options);
    return {
      session,
      agree: async (maxMessageSize) => {
        if (security.setting === "key") await rememberKey(security.trust, session);
        const authenticated = security.setting === "certificate" || security.trust !== "anyone";
        return tlsAgreement(security, session, authenticated, maxMessageSize);
      },
    };
  };
}

function native(security: NativeClient): Handshake {
  const options = { identity: security, compression: compressionOffer(security) };
  return async (wire) => {
    const session = await connectNative(wire, options);
    const authenticated = !("trust" in security) || security.trust !== "anyone";
    return {
      session,
      agree: (maxMessageSize) => nativeAgreement(security, session, authenticated, maxMessageSize),
    };
  };
}

function off(security: OffSetting): Handshake {
  return async (wire) => {
    const session = await connectPlain(wire, compressionOffer(security));
    return { session, agree: (maxMessageSize) => plainAgreement(security, session, maxMessageSize) };
  };
}
