/** Messages after a handshake of TLS 1.3 (RFC 8446 section 4.6): KeyUpdate, and NewSessionTicket, which is ignored. */

import { type Alert, fatalAlert } from "../alerts.ts";
import { frameMessage, type HandshakeMessage } from "../handshake/assembler.ts";
import type { Role } from "../handshake/layer.ts";
import { handshakeName, HandshakeType } from "../handshake/messages.ts";
import type { PostHandshake } from "../post_handshake.ts";
import { ContentType } from "../record/content.ts";
import type { RecordLayer } from "../record/layer.ts";
import { DEFAULT_MIN_AGE, keyLimitReached, type RekeyOptions } from "../record/limits.ts";
import type { Tls13Suite } from "./cipher_suites.ts";
import { type ApplicationSecrets, exportedKeyingMaterial, updatedSecret } from "./key_schedule.ts";
import { checkNewSessionTicket, decodeKeyUpdate, encodeKeyUpdate } from "./messages.ts";
import { Tls13Protection } from "./protection.ts";

/** The state that the handshake passes to the session. */
export interface Tls13State {
  readonly role: Role;
  readonly suite: Tls13Suite;
  readonly secrets: ApplicationSecrets;
  readonly rekey: RekeyOptions;
}

/** Keys are updated when this part of their limit has been used. The rest is for data in transit. */
const UPDATE_AT = 3 / 4;

/** The most bytes that may be in transit when this side requests a KeyUpdate, as on a fast link with high latency. */
const UNDER_WAY = 2 ** 26;

/** A peer's KeyUpdate counts as hurried if it comes too soon and after fewer bytes than this. */
const HURRIED_BYTES = 2 ** 19;
/** The maximum number of hurried KeyUpdates in a row, and of tickets between application data. No honest peer sends so many. */
const MAX_HURRIED = 16;
const MAX_TICKETS = 32;

/**
 * The keys of one session after its handshake. Each side updates the keys of its own direction, and requests an update of
 * the other.
 */
export class Tls13PostHandshake implements PostHandshake {
  /** Each direction changes its keys independently, so this side never waits for the peer. */
  readonly waiting: boolean = false;
  readonly inProgress: boolean = false;
  readonly patience: number = 0;
  readonly canChangeKeys: boolean = true;
  keyChanges = 0;
  readonly #records: RecordLayer;
  readonly #state: Tls13State;
  #writingSecret: Uint8Array;
  #readingSecret: Uint8Array;
  #writingSince: number = performance.now();
  #readingSince: number = performance.now();
  /** Whether this side has requested a KeyUpdate that has not arrived yet. */
  #asked = false;
  #hurried = 0;
  #tickets = 0;

  constructor(records: RecordLayer, state: Tls13State) {
    const { role, secrets } = state;
    this.#records = records;
    this.#state = state;
    this.#writingSecret = role === "client" ? secrets.client : secrets.server;
    this.#readingSecret = role === "client" ? secrets.server : secrets.client;
  }

  changeKeysIfDue(peerClosed: boolean): void {
    const { reading, writing } = this.#records;
    const mayAsk = !this.#asked && !peerClosed;
    const isDue = this.#isDue(writing, this.#writingSince) ||
      (mayAsk && this.#isDue(reading, this.#readingSince));
    if (isDue) this.#update(mayAsk);
  }

  /** Returns whether keys must be updated because of section 5.5 or of the caller's limits. */
  #isDue({ bytes, records }: { readonly bytes: number; readonly records: number }, since: number): boolean {
    const { suite, rekey } = this.#state;
    return records > suite.recordLimit * UPDATE_AT ||
      bytes > (rekey.bytes ?? Infinity) * UPDATE_AT ||
      performance.now() - since > (rekey.milliseconds ?? Infinity);
  }

  exceedsKeyLimit(length: number): boolean {
    const { suite, rekey } = this.#state;
    const { bytes, records } = this.#records.writing;
    return records >= suite.recordLimit || bytes + length > (rekey.bytes ?? Infinity);
  }

  checkRecord(type: ContentType): void {
    if (type === ContentType.applicationData) this.#tickets = 0;
    const { suite, rekey } = this.#state;
    const { bytes, records } = this.#records.reading;
    // A side that receives a request for a KeyUpdate sends the KeyUpdate before more data (section 4.6.3).
    const isOverdue = this.#asked && bytes > (rekey.bytes ?? Infinity) + UNDER_WAY;
    if (isOverdue || records > suite.recordLimit) throw keyLimitReached();
  }

  /** Returns whether an alert ends the session: every alert except user_canceled does, whatever its level (section 6). */
  isFatal({ name }: Alert): boolean {
    return name !== "user_canceled";
  }

  changeCipherSpec(): void {
    throw fatalAlert("unexpected_message", "ChangeCipherSpec came after the handshake"); // section 5
  }

  take({ type, body }: HandshakeMessage, closed: boolean, endsRecord: boolean): void {
    if (type === HandshakeType.keyUpdate) {
      this.#takeKeyUpdate(decodeKeyUpdate(body), closed, endsRecord);
    } else if (type === HandshakeType.newSessionTicket && this.#state.role === "client") {
      checkNewSessionTicket(body);
      if (++this.#tickets > MAX_TICKETS) throw fatalAlert("unexpected_message", "too many tickets", "limit");
    } else {
      throw fatalAlert("unexpected_message", `${handshakeName(type)} came after the handshake`);
    }
  }

  exportKeyingMaterial(label: string, length: number, context: Uint8Array | undefined): Uint8Array {
    const { suite, secrets } = this.#state;
    return exportedKeyingMaterial(suite.hash, secrets.exporter, label, context, length);
  }

  /** Sends a KeyUpdate and changes to the next keys (section 4.6.3). */
  #update(asking: boolean): void {
    const { hash } = this.#state.suite;
    const message = frameMessage(HandshakeType.keyUpdate, encodeKeyUpdate(asking));
    this.#records.queue(ContentType.handshake, [message]);
    this.#writingSecret = updatedSecret(hash, this.#writingSecret);
    this.#records.writing.use(new Tls13Protection(this.#state.suite, this.#writingSecret));
    this.#writingSince = performance.now();
    this.#asked ||= asking;
    this.keyChanges++;
  }

  #takeKeyUpdate(isAsked: boolean, closed: boolean, endsRecord: boolean): void {
    if (!endsRecord) {
      throw fatalAlert("unexpected_message", "there are bytes after KeyUpdate in its record"); // section 5.1
    }
    this.#checkPace();
    this.#readingSecret = updatedSecret(this.#state.suite.hash, this.#readingSecret);
    this.#records.reading.use(new Tls13Protection(this.#state.suite, this.#readingSecret));
    this.#readingSince = performance.now();
    this.#asked = false;
    if (isAsked && !closed) this.#update(false);
  }

  /** Limits hurried KeyUpdates, so that a peer cannot keep this side busy with changes of keys. */
  #checkPace(): void {
    const { leastMilliseconds = DEFAULT_MIN_AGE } = this.#state.rekey;
    const isHurried = performance.now() - this.#readingSince < leastMilliseconds &&
      this.#records.reading.bytes < HURRIED_BYTES;
    this.#hurried = isHurried ? this.#hurried + 1 : 0;
    if (this.#hurried > MAX_HURRIED) throw fatalAlert("unexpected_message", "too many KeyUpdates", "limit");
  }
}
