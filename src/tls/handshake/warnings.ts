/** A bound on what a peer may send that asks for nothing and gives nothing. */

import { fatalAlert } from "../alerts.ts";

/** Warning alerts and HelloRequests that are let pass in one handshake, or between application data; no honest peer sends many. */
const MAX_WARNINGS = 8;

/** Counts them. */
export class Warnings {
  #count = 0;

  /** Counts one more; throws if that is too many. */
  add(): void {
    if (++this.#count > MAX_WARNINGS) throw fatalAlert("unexpected_message", "too many warnings", "limit");
  }

  /** Begins anew, since the peer sent something of use. */
  reset(): void {
    this.#count = 0;
  }
}
