/**
 * Limits on the content of records (RFC 8449). In TLS 1.3 the value on the wire includes the content type; the option does
 * not.
 */

import type { Settings } from "../options.ts";
import { MAX_PLAINTEXT } from "../record/content.ts";
import type { RecordLayer } from "../record/layer.ts";
import { decodeRecordSizeLimit } from "./extensions.ts";
import { TLS_1_3 } from "./versions.ts";

/** The most bytes of content in a record to this side, and in a record to the peer. */
export interface RecordLimits {
  readonly own: number;
  readonly peer: number;
}

/** Returns the value of record_size_limit for this many bytes of content. */
export function recordLimitFor(contentBytes: number, version: number): number {
  return version === TLS_1_3 ? contentBytes + 1 : contentBytes;
}

/** Returns the value of record_size_limit in a ClientHello, which is the same for all versions that the client offers. */
export function offeredRecordLimit({ recordSizeLimit, tls13Suites }: Settings): number {
  return tls13Suites.length > 0 ? recordLimitFor(recordSizeLimit, TLS_1_3) : recordSizeLimit;
}

/** Returns how many bytes of content the peer's record_size_limit allows. */
export function contentLimit(data: Uint8Array, version: number): number {
  const limit = decodeRecordSizeLimit(data);
  return Math.min(version === TLS_1_3 ? limit - 1 : limit, MAX_PLAINTEXT);
}

/** Applies the limits to both directions, if both sides sent theirs. */
export function limitRecords({ writing, reading }: RecordLayer, limits: RecordLimits | undefined): void {
  if (limits === undefined) return;
  writing.limit = limits.peer;
  reading.limit = limits.own;
}
