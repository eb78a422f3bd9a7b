/** A limit on a peer's warnings and other messages without effect. */

import { fatalAlert } from "../alerts.ts";

/**
 * The maximum number of warning alerts and HelloRequests that are ignored in one handshake, or in a row between application
 * data. No honest peer sends many.
 */
const MAX_WARNINGS = 8;

/** Counts warnings. */
export class Warnings {
  #count = 0;

  /** Counts one more. Throws if that exceeds the limit. */
  add(): void {
    if (++this.#count > MAX_WARNINGS) throw fatalAlert("unexpected_message", "too many warnings", "limit");
  }

  /** Resets the count, since the peer sent something useful. */
  reset(): void {
    this.#count = 0;
  }
}
