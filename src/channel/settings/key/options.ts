/** The options of the setting `key`, for each side. */

import type { TlsSettingClient, TlsSettingServer } from "../tls/options.ts";
import type { KeyTrust } from "./trust.ts";

/** A client that trusts keys, not certificates. */
export interface KeyClient extends TlsSettingClient {
  /** Names the setting. */
  readonly setting: "key";
  /** The keys that are trusted: {@link pin}, {@link firstUse}, a check of your own, or `"anyone"`. */
  readonly trust: KeyTrust;
  /** The server's name, sent so that a server with several keys can choose; none by default. */
  readonly serverName?: string;
}

/** A server that has a key and no certificate. Peers without RFC 7250 get a self-signed one around the same key. */
export interface KeyServer extends TlsSettingServer {
  /** Names the setting. */
  readonly setting: "key";
  /** Not allowed: with certificates it is the setting `certificate`. */
  readonly certificates?: never;
}
