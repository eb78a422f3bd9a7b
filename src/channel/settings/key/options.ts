/** The setting `key` as each side names it. */

import type { TlsSettingClient, TlsSettingServer } from "../tls/options.ts";
import type { KeyTrust } from "./trust.ts";

/** A client that trusts keys, not certificates. */
export interface KeyClient extends TlsSettingClient {
  /** Names the setting. */
  readonly setting: "key";
  /** Which keys: {@link pin}, {@link firstUse}, a check of one's own, or `"anyone"`. */
  readonly trust: KeyTrust;
  /** A name to tell the server, for one that has several keys; none by default. */
  readonly serverName?: string;
}

/** A server that has a key and no certificate. Peers without RFC 7250 get a self-signed one around the same key. */
export interface KeyServer extends TlsSettingServer {
  /** Names the setting. */
  readonly setting: "key";
  /** None: that would be the setting `certificate`. */
  readonly certificates?: never;
}
