/** The state of one direction of the record protocol (RFC 5246 section 6.1): its keys and counters. */

import { fatalAlert } from "../alerts.ts";
import { MAX_PLAINTEXT } from "./content.ts";
import type { RecordProtection } from "./protection.ts";

/** The maximum number of protected records under one key. Higher sequence numbers would not be exact. */
const MAX_SEQUENCE = Number.MAX_SAFE_INTEGER;

/** The current protection with its counters, and the pending protection. */
export class HalfConnection {
  /** Null until the first keys are in use. */
  current: RecordProtection | null = null;
  /** The most plaintext in a protected record, in bytes (RFC 8449). */
  limit: number = MAX_PLAINTEXT;
  /** The bytes of protected fragments under the current keys. */
  bytes = 0;
  /** Whether unprotected alerts are accepted: a TLS 1.3 client may refuse the ServerHello before it has keys. */
  plaintextAlerts = false;
  /** How many bytes of records with early data may still be dropped. */
  earlyData = 0;
  #pending: RecordProtection | null = null;
  #sequence = 0;

  /** Returns the sequence number of the next record. */
  nextSequence(): number {
    if (this.#sequence === MAX_SEQUENCE) {
      throw fatalAlert("internal_error", "too many records under one key", "limit");
    }
    return this.#sequence++;
  }

  /** The number of records under the current keys. */
  get records(): number {
    return this.#sequence;
  }

  /** Switches to new keys at once, as in TLS 1.3. */
  use(protection: RecordProtection): void {
    this.current = protection;
    this.#sequence = 0;
    this.bytes = 0;
  }

  /** Sets the pending protection, which the next ChangeCipherSpec of this direction makes current. */
  prepare(pending: RecordProtection): void {
    this.#pending = pending;
  }

  /** Makes the pending state current (RFC 5246 section 6.1). Returns false if there is no pending state. */
  change(): boolean {
    if (this.#pending === null) return false;
    this.use(this.#pending);
    this.#pending = null;
    return true;
  }
}
