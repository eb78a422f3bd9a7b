/** The state of one direction of the record protocol (RFC 5246 section 6.1): its keys, and counts. */

import { fatalAlert } from "../alerts.ts";
import { MAX_PLAINTEXT } from "./content.ts";
import type { RecordProtection } from "./protection.ts";

/** The most protected records under one key; a higher sequence number would not be exact. */
const MAX_SEQUENCE = Number.MAX_SAFE_INTEGER;

/** The current protection, the pending one, and counts for the current one. */
export class HalfConnection {
  /** Null until the first keys are in use. */
  current: RecordProtection | null = null;
  /** The most plaintext in a protected record (RFC 8449). */
  limit: number = MAX_PLAINTEXT;
  /** Bytes of protected fragments under the keys in use. */
  bytes = 0;
  /** Whether an alert may come unprotected: a TLS 1.3 client may refuse the ServerHello before it has keys. */
  plaintextAlerts = false;
  /** How many bytes of records with early data may still be dropped. */
  earlyData = 0;
  #pending: RecordProtection | null = null;
  #sequence = 0;

  /** The number of the next record. */
  nextSequence(): number {
    if (this.#sequence === MAX_SEQUENCE) {
      throw fatalAlert("internal_error", "too many records under one key", "limit");
    }
    return this.#sequence++;
  }

  /** How many records passed under the current keys. */
  get records(): number {
    return this.#sequence;
  }

  /** Changes to new keys at once, as in TLS 1.3. */
  use(protection: RecordProtection): void {
    this.current = protection;
    this.#sequence = 0;
    this.bytes = 0;
  }

  /** Makes a protection ready for this direction's next ChangeCipherSpec. */
  prepare(pending: RecordProtection): void {
    this.#pending = pending;
  }

  /** Makes the pending state the current one (RFC 5246 section 6.1); returns false if there is none. */
  change(): boolean {
    if (this.#pending === null) return false;
    this.use(this.#pending);
    this.#pending = null;
    return true;
  }
}
