/** The options of the setting `native` for clients and servers. */

import type { NativeClientIdentity } from "../../../noise/client.ts";
import type { CipherName } from "../../../noise/protocol.ts";
import type { NativeServerIdentity } from "../../../noise/server.ts";
import type { CompressionOptions } from "../compression.ts";

/** The options of both sides of `native`. */
export interface NativeOptions extends CompressionOptions {
  /**
   * The cipher; `"ChaChaPoly"` by default. `"AESGCM"` is faster on Bun and in browsers. Both sides must choose the same
   * cipher, or the handshake fails with `not_offered`.
   */
  readonly cipher?: CipherName;
}

/** A client of the native setting, with a shared secret, a pinned server key, keys of both sides, or `trust: "anyone"`. */
export type NativeClient = NativeOptions & NativeClientIdentity & { readonly setting: "native" };

/** A server of the native setting. */
export type NativeServer = NativeOptions & NativeServerIdentity & { readonly setting: "native" };
