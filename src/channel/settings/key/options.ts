/** The options of the setting `key` for clients and servers. */

import type { TlsSettingClient, TlsSettingServer } from "../tls/options.ts";
import type { KeyTrust } from "./trust.ts";

/** A client that trusts keys instead of certificates. */
export interface KeyClient extends TlsSettingClient {
  /** Names the setting. */
  readonly setting: "key";
  /** The keys that are trusted: {@link pin}, {@link firstUse}, a check of your own, or `"anyone"`. */
  readonly trust: KeyTrust;
  /** The server's name; none by default. It is sent to the server, so that a server with several keys can choose one. */
  readonly serverName?: string;
}

/**
 * A server with a key and no certificate. Peers that do not support raw public keys (RFC 7250) receive a self-signed
 * certificate for the same key.
 */
export interface KeyServer extends TlsSettingServer {
  /** Names the setting. */
  readonly setting: "key";
  /** Not allowed. A server with certificates uses the setting `certificate`. */
  readonly certificates?: never;
}
