/**
 * The server's side: recognizes from the first bytes which setting a client requests, and runs its handshake if it is
 * offered.
 */

import { toUtf8 } from "../bytes.ts";
import { checkOptions, wrongType } from "../check.ts";
import { ChannelError } from "../errors.ts";
import { checkCryptoChoice, type CryptoChoice } from "../platform/choose.ts";
import { refuse, SNIFFED_LENGTH, sniffPreface } from "../preface.ts";
import { refuseTls } from "../tls/server.ts";
import type { Transport } from "../connection.ts";
import type { Wire } from "../wire.ts";
import type { Channel } from "./channel.ts";
import { type ChannelOptions, establish, type NegotiatedSession } from "./establish.ts";
import type { CertificateServer } from "./settings/certificate/options.ts";
import type { KeyServer } from "./settings/key/options.ts";
import type { AcceptSecurity } from "./settings/mod.ts";
import type { NativeServer } from "./settings/native/options.ts";
import { acceptNativeOffer, checkNativeOffer } from "./settings/native/server.ts";
import { acceptOffSetting, checkOffSetting, type OffSetting } from "./settings/off.ts";
import { acceptTlsOffer, tlsOffer } from "./settings/tls/server.ts";
import type { UnfinishedMessages } from "./unfinished.ts";

/** Options of {@link accept}. */
export interface AcceptOptions extends ChannelOptions {
  /**
   * The settings that this server offers; the client requests one of them. Use the same objects for every connection,
   * because what is computed from them is cached per object.
   */
  readonly security: readonly AcceptSecurity[];
}

/** The first byte of a TLS record that carries a handshake message (RFC 5246 section 6.2.1). */
const TLS_HANDSHAKE = 0x16;

/**
 * Sets up a channel as the server, with the offered setting that the client requests. One call serves one transport, which
 * belongs to the channel from then on. If the handshake fails, the client is notified and the transport is ended. Invalid
 * arguments are refused before the transport is used.
 *
 * @param transport Anything with a `readable` and a `writable` of bytes, connected to a client.
 * @param options The offered security settings, and limits.
 * @returns The channel, after the handshake.
 * @throws {ChannelError} `not_offered`, `untrusted`, `timeout`, `aborted`, `transport` and others; see {@link ErrorCode}.
 * @throws {TypeError} If an option is missing, is of the wrong type or has an unknown value, or `security` has an unknown
 * option.
 * @throws {RangeError} If a size is out of bounds.
 *
 * @example
 * ```ts
 * import { accept, connect } from "@fesa/channel";
 * import { memoryPair } from "@fesa/channel/memory";
 * import { generateKeyPair } from "@fesa/channel/rsa";
 *
 * const { privateKey } = await generateKeyPair();
 * const security = [{ setting: "key", key: privateKey }, { setting: "off" }] as const;
 * const [here, there] = memoryPair();
 * const [server, client] = await Promise.all([
 *   accept(there, { security }),
 *   connect(here, { security: { setting: "key", trust: "anyone" } }),
 * ]);
 * console.log(server.info.cipherSuite); // TLS_AES_256_GCM_SHA384
 * await Promise.all([client.close(), server.close()]);
 * ```
 */
export async function accept(transport: Transport, options: AcceptOptions): Promise<Channel> {
  return await acceptAmong(transport, options, undefined);
}

/** As {@link accept}, for one of many channels whose unfinished messages are limited together. */
export async function acceptAmong(
  transport: Transport,
  options: AcceptOptions,
  unfinished: UnfinishedMessages | undefined,
): Promise<Channel> {
  checkOptions("options", options);
  const offers = sortOffers(options.security, options.crypto);
  return await establish(transport, options, (wire, crypto) => handshake(wire, offers, crypto), unfinished);
}

/** The offered settings, sorted by the handshake that serves them. */
export interface Offers {
  readonly tls: readonly (CertificateServer | KeyServer)[];
  readonly native: readonly NativeServer[];
  readonly off: OffSetting | undefined;
}

/** Checks each offer, and sorts the offers by the handshake that serves them. */
export function sortOffers(
  security: readonly AcceptSecurity[],
  crypto: CryptoChoice = "platform",
): Offers {
  checkCryptoChoice(crypto);
  if (!Array.isArray(security)) throw wrongType("security", "a list of the offered settings", security);
  if (security.length === 0) throw new TypeError("security is empty");
  const tls: (CertificateServer | KeyServer)[] = [];
  const native: NativeServer[] = [];
  let off: OffSetting | undefined;
  for (const offer of security) {
    checkOptions("security[…]", offer);
    switch (offer.setting) {
      case "certificate":
      case "key":
        tlsOffer(offer, crypto);
        tls.push(offer);
        break;
      case "native":
        checkNativeOffer(offer);
        native.push(offer);
        break;
      case "off":
        checkOffSetting("security[…]", offer);
        off = offer;
        break;
      default:
        throw new TypeError("security.setting must be certificate, key, native or off");
    }
  }
  return { tls, native, off };
}

async function handshake(
  wire: Wire,
  { tls, native, off }: Offers,
  crypto: CryptoChoice,
): Promise<NegotiatedSession> {
  switch (await sniff(wire)) {
    case "tls":
      if (tls.length === 0) throw await refuseTls(wire);
      return await acceptTlsOffer(wire, tls, crypto);
    case "native":
      if (native.length === 0) throw await refuse(wire, "request");
      return await acceptNativeOffer(wire, native, crypto);
    case "off":
      if (off === undefined) throw await refuse(wire, "request");
      return await acceptOffSetting(wire, off);
  }
}

/** Returns the protocol that the client's first bytes belong to. Does not consume the bytes. */
async function sniff(wire: Wire): Promise<"tls" | "native" | "off"> {
  if (await wire.fill(1) && wire.buffered[0] === TLS_HANDSHAKE) return "tls";
  const setting = await wire.fill(SNIFFED_LENGTH)
    ? sniffPreface(wire.buffered.subarray(0, SNIFFED_LENGTH))
    : null;
  if (setting !== null) return setting;
  if (wire.buffered.length < SNIFFED_LENGTH) {
    throw new ChannelError("truncated", "the transport ended before the client asked for a setting");
  }
  if (HTTP_METHOD.test(String.fromCharCode(...wire.buffered.subarray(0, SNIFFED_LENGTH)))) {
    const answer = "HTTP/1.1 400 This Port Takes Channels Over TCP\r\nConnection: close\r\n\r\n";
    const error = new ChannelError(
      "protocol",
      "the client speaks HTTP, as for a WebSocket, but this port expects a channel over TCP",
    );
    await wire.abortAfter(error, () => wire.write(toUtf8(answer)));
    throw error;
  }
  throw new ChannelError("protocol", "the first bytes belong to no known setting");
}

/** The beginnings of HTTP requests, cut to the number of bytes that {@link sniff} reads. */
const HTTP_METHOD = /^(?:GET \/|HEAD |POST |PUT \/|PATCH |DELETE|OPTION|CONNEC|TRACE )/;
