/** The setting `native` as each side names it. */

import type { NativeClientIdentity } from "../../../noise/client.ts";
import type { NativeServerIdentity } from "../../../noise/server.ts";
import type { CompressionOptions } from "../compression.ts";

/** A client of the native setting: a shared secret, a pinned server key, keys of both, or `trust: "anyone"`. */
export type NativeClient = CompressionOptions & NativeClientIdentity & { readonly setting: "native" };

/** A server of the native setting. */
export type NativeServer = CompressionOptions & NativeServerIdentity & { readonly setting: "native" };
