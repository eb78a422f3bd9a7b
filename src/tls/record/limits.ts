/** Limits on the use of one set of keys. */

import type { ChannelError } from "../../errors.ts";
import { fatalAlert } from "../alerts.ts";

/** When the keys of a long session are changed. */
export interface RekeyOptions {
  /**
   * The most bytes of protected fragments in either direction under one key, at least 1 MiB.
   *
   * TLS 1.3: this side updates its keys before the limit, and asks the peer to do the same. If the peer sends 64 MiB more
   * under the same keys, the session ends with a `limit` error. By default only the number of records is limited (RFC 8446
   * section 5.5).
   *
   * TLS 1.2: by default 8 MiB for 3DES (the 2^20 blocks of SP 800-67 revision 2), and no limit for other ciphers. The lower
   * limit of the two sides applies, so more than 8 MiB for 3DES must be set on both sides. If the keys cannot be changed, as
   * with ECDHE or with other TLS implementations, the session ends at the limit with a `limit` error.
   */
  readonly bytes?: number | undefined;
  /**
   * The age in milliseconds at which keys are changed, at least 1000; no limit by default. In TLS 1.2 the new key exchange
   * may take the same time again, or 30 seconds if that is longer. After that time, writing waits until the exchange is
   * complete.
   */
  readonly milliseconds?: number | undefined;
  /**
   * The minimum age in milliseconds at which the peer may change keys, unless it has sent much data under them; 900 by default,
   * and at least 1. A peer that changes keys faster could keep this side busy with key exchanges. The session then ends with a
   * `limit` error: with RSA key exchange at the first such change, in TLS 1.3 after 16 in a row.
   */
  readonly leastMilliseconds?: number | undefined;
}

/** The default of {@link RekeyOptions.leastMilliseconds}. */
export const DEFAULT_MIN_AGE: number = 900;

/** The lowest value of {@link RekeyOptions.bytes}. */
export const MIN_BYTES: number = 2 ** 20;
const MIN_MILLISECONDS = 1000;
const MAX_BYTES = 2 ** 42;

/** Checks the limits. Throws `RangeError` if one is too low. */
export function checkRekeyOptions(
  { bytes = MIN_BYTES, milliseconds = MIN_MILLISECONDS, leastMilliseconds = DEFAULT_MIN_AGE }: RekeyOptions,
): void {
  if (!Number.isInteger(bytes) || bytes < MIN_BYTES || bytes >= MAX_BYTES) {
    throw new RangeError(`rekey.bytes must be an integer of at least ${MIN_BYTES}`);
  }
  if (!Number.isInteger(milliseconds) || milliseconds < MIN_MILLISECONDS) {
    throw new RangeError(`rekey.milliseconds must be an integer of at least ${MIN_MILLISECONDS}`);
  }
  if (!Number.isInteger(leastMilliseconds) || leastMilliseconds < 1) {
    throw new RangeError("rekey.leastMilliseconds must be an integer of at least 1");
  }
}

/** Returns the error for a session whose keys cannot be changed, or were not changed in time. */
export function keyLimitReached(): ChannelError {
  return fatalAlert("internal_error", "the limit of data under one key was reached", "limit");
}
