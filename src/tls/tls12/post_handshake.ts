/** Messages after a handshake of TLS 1.2: changes keys in place if both sides support it, and refuses renegotiation. */

import { ChannelError } from "../../errors.ts";
import { type Alert, encodeAlert, fatalAlert } from "../alerts.ts";
import type { HandshakeMessage } from "../handshake/assembler.ts";
import { HandshakeType } from "../handshake/messages.ts";
import { readEmpty } from "../handshake/reader.ts";
import type { Warnings } from "../handshake/warnings.ts";
import type { PostHandshake } from "../post_handshake.ts";
import { ContentType } from "../record/content.ts";
import type { RecordLayer } from "../record/layer.ts";
import { keyLimitReached } from "../record/limits.ts";
import { exportedKeyingMaterial } from "./key_schedule.ts";
import { type KeyState, PATIENCE_MS, type RekeyContext, Rekeying } from "./rekey.ts";

/** The keys of one session after its handshake. */
export class Tls12PostHandshake implements PostHandshake {
  readonly #records: RecordLayer;
  readonly #warnings: Warnings;
  readonly #context: RekeyContext;
  readonly #master: Uint8Array;
  readonly #rekeying: Rekeying;

  constructor(records: RecordLayer, warnings: Warnings, context: RekeyContext, state: KeyState) {
    this.#records = records;
    this.#warnings = warnings;
    this.#context = context;
    this.#master = state.master;
    this.#rekeying = new Rekeying(records, context, state);
  }

  get keyChanges(): number {
    return this.#rekeying.count;
  }

  get waiting(): boolean {
    return this.#rekeying.waiting;
  }

  get inProgress(): boolean {
    return this.#rekeying.inProgress;
  }

  get patience(): number {
    return PATIENCE_MS - this.#rekeying.waited;
  }

  get canChangeKeys(): boolean {
    return this.#context.parameters.keyLimits.rekeying;
  }

  changeKeysIfDue(peerClosed: boolean): void {
    if (!peerClosed && this.canChangeKeys && this.#rekeying.isDue) this.#rekeying.begin();
  }

  exceedsKeyLimit(length: number): boolean {
    return this.#rekeying.exceedsKeyLimit(length);
  }

  checkRecord(type: ContentType): void {
    if (this.#records.reading.bytes > this.#context.parameters.keyLimits.bytes) throw keyLimitReached();
    const allowed = type === ContentType.handshake || type === ContentType.alert;
    if (this.#rekeying.awaitsFinished && !allowed) {
      throw fatalAlert("unexpected_message", "a record came between ChangeCipherSpec and Finished");
    }
  }

  isFatal(alert: Alert): boolean {
    return alert.fatal;
  }

  changeCipherSpec(fragment: Uint8Array): void {
    this.#rekeying.changeCipherSpec(fragment);
  }

  async take(message: HandshakeMessage, closed: boolean): Promise<void> {
    if (message.type === HandshakeType.helloRequest) readEmpty("HelloRequest", message.body);
    if (this.#isRenegotiation(message)) this.#refuseRenegotiation(closed);
    else if (!this.canChangeKeys) {
      throw fatalAlert("unexpected_message", "a handshake message came after the handshake");
    } else if (!closed) await this.#rekeying.take(message);
  }

  #isRenegotiation({ type }: HandshakeMessage): boolean {
    const { role } = this.#context.keyExchange;
    const asking = role === "client" ? HandshakeType.helloRequest : HandshakeType.clientHello;
    return type === asking && !this.#rekeying.awaitsFinished;
  }

  /** Refuses renegotiation with a warning alert (RFC 5246 section 7.2.2, RFC 5746 section 4). */
  #refuseRenegotiation(closed: boolean): void {
    this.#warnings.add();
    if (!closed) this.#records.queue(ContentType.alert, [encodeAlert("no_renegotiation")]);
  }

  exportKeyingMaterial(label: string, length: number, context: Uint8Array | undefined): Uint8Array {
    const { suite, randoms, extendedMasterSecret } = this.#context.parameters;
    if (!extendedMasterSecret) { // RFC 7627 section 5.4
      throw new ChannelError(
        "unsupported",
        "an exporter needs the extended master secret, which this peer does not support",
      );
    }
    return exportedKeyingMaterial(suite.hash, this.#master, randoms, label, context, length);
  }
}
