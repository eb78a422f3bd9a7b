/** A limit on warnings and other messages of a peer that have no effect. */

import { fatalAlert } from "../alerts.ts";

/** Warning alerts and HelloRequests that are ignored in one handshake, or between application data; no honest peer sends many. */
const MAX_WARNINGS = 8;

/** Counts warnings. */
export class Warnings {
  #count = 0;

  /** Counts one more; throws if that is too many. */
  add(): void {
    if (++this.#count > MAX_WARNINGS) throw fatalAlert("unexpected_message", "too many warnings", "limit");
  }

  /** Resets the count, since the peer sent something useful. */
  reset(): void {
    this.#count = 0;
  }
}
