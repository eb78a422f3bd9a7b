/** An established session: application data both ways, alerts, and the orderly end. */

import { concat } from "../bytes.ts";
import { ChannelError } from "../errors.ts";
import type { Session } from "../session.ts";
import { decodeAlert, encodeAlert, fatal, receivedAlert, toChannelError } from "./alerts.ts";
import { endWithAlert, type HandshakeLayer, MAX_WARNINGS } from "./handshake_layer.ts";
import { HandshakeType } from "./handshake_messages.ts";
import type { Identity, PeerIdentity } from "./identity.ts";
import { type TlsInfo, tlsInfo } from "./info.ts";
import { exportedKeyingMaterial, type Role } from "./key_schedule.ts";
import { MessageAssembler } from "./message_assembler.ts";
import { ContentType, type RecordLayer, type TlsRecord } from "./record_layer.ts";
import type { SecurityParameters } from "./security_parameters.ts";

/** A TLS session after its handshake. */
export class TlsSession implements Session {
  /** What the handshake settled. */
  readonly info: TlsInfo;
  /** Who this side showed itself as, where it did. */
  readonly identity: Identity | undefined;
  readonly #role: Role;
  readonly #records: RecordLayer;
  readonly #parameters: SecurityParameters;
  readonly #master: Uint8Array;
  readonly #assembler: MessageAssembler = new MessageAssembler();
  #inbox: Uint8Array[] = [];
  #receiving: Promise<void> | null = null;
  #failure: ChannelError | null = null;
  #closeSent = false;
  #closeReceived = false;
  #warnings = 0;

  constructor(
    role: Role,
    handshake: HandshakeLayer,
    parameters: SecurityParameters,
    master: Uint8Array,
    peer: PeerIdentity | undefined,
    identity: Identity | undefined,
  ) {
    this.#role = role;
    this.#records = handshake.records;
    this.#parameters = parameters;
    this.#master = master;
    this.identity = identity;
    this.info = tlsInfo(parameters, peer, handshake);
  }

  async write(parts: readonly Uint8Array[]): Promise<void> {
    if (this.#failure) throw this.#failure;
    if (this.#closeSent) throw new ChannelError("closed", "this side of the session was closed before");
    try {
      await this.#records.write(ContentType.applicationData, parts);
    } catch (error) {
      throw await this.#fail(error);
    }
  }

  async read(): Promise<Uint8Array | null> {
    while (this.#inbox.length === 0) {
      if (this.#failure) throw this.#failure;
      if (this.#closeReceived) return null;
      await this.#receive();
    }
    const arrived = this.#inbox;
    this.#inbox = [];
    return arrived.length === 1 ? arrived[0] : concat(...arrived);
  }

  /** Sends close_notify. What the peer still sends can be read until its own (RFC 8446 section 6.1). */
  async close(): Promise<void> {
    if (this.#failure) throw this.#failure;
    if (this.#closeSent) return;
    this.#closeSent = true;
    try {
      await this.#records.write(ContentType.alert, [encodeAlert("close_notify")]);
      await this.#letGo();
    } catch (error) {
      throw await this.#fail(error);
    }
  }

  async abort(error: ChannelError): Promise<void> {
    await this.#fail(error);
  }

  /**
   * Keying material for another protocol, bound to this session (RFC 5705).
   *
   * @param label One that is registered, or begins with `EXPERIMENTAL`.
   * @param length How many bytes.
   * @param context Further data that the material is bound to; none is something else than empty.
   * @throws RangeError where the length is not from 1 to 65535, or the context is longer.
   */
  exportKeyingMaterial(label: string, length: number, context?: Uint8Array): Uint8Array {
    if (!Number.isInteger(length) || length < 1 || length > 0xffff) {
      throw new RangeError("the length is an integer from 1 to 65535");
    }
    const { suite, randoms } = this.#parameters;
    return exportedKeyingMaterial(suite.hash, this.#master, randoms, label, context, length);
  }

  /** Receives once, for everyone who waits: all records that are there, or the next ones. Never rejects. */
  #receive(): Promise<void> {
    this.#receiving ??= this.#receiveRecords().finally(() => this.#receiving = null);
    return this.#receiving;
  }

  async #receiveRecords(): Promise<void> {
    try {
      let record = this.#records.poll();
      while (record === null) {
        if (!await this.#records.more()) return await this.#endOfTransport();
        record = this.#records.poll();
      }
      while (record !== null && !this.#closeReceived) {
        await this.#take(record);
        record = this.#records.poll();
      }
    } catch (error) {
      await this.#fail(error);
    }
  }

  async #endOfTransport(): Promise<void> {
    // After this side's own close_notify nothing more is waited for (RFC 5246 section 7.2.1).
    if (!this.#closeSent) throw new ChannelError("truncated", "the transport ended without close_notify");
    this.#closeReceived = true;
    await this.#letGo();
  }

  async #take({ type, fragment }: TlsRecord): Promise<void> {
    if (type !== ContentType.handshake && !this.#assembler.empty) {
      throw fatal("unexpected_message", "another record came within a handshake message");
    }
    switch (type) {
      case ContentType.applicationData:
        if (fragment.length > 0) this.#inbox.push(fragment);
        break;
      case ContentType.alert:
        await this.#takeAlert(fragment);
        break;
      case ContentType.handshake:
        this.#takeHandshake(fragment);
        break;
      case ContentType.changeCipherSpec:
        this.#records.changeCipherSpec(fragment);
    }
  }

  async #takeAlert(fragment: Uint8Array): Promise<void> {
    const alert = decodeAlert(fragment);
    if (alert.name === "close_notify") {
      this.#closeReceived = true;
      await this.#letGo();
    } else if (alert.fatal) {
      throw receivedAlert(alert);
    } else {
      this.#countWarning();
    }
  }

  /** Renegotiation is refused by a warning, in either role (RFC 5246 section 7.2.2, RFC 5746). */
  #takeHandshake(fragment: Uint8Array): void {
    this.#assembler.push(fragment);
    for (let message = this.#assembler.next(); message !== null; message = this.#assembler.next()) {
      const renegotiation = this.#role === "client" ? HandshakeType.helloRequest : HandshakeType.clientHello;
      if (message.type !== renegotiation) {
        throw fatal("unexpected_message", "a handshake message came after the handshake");
      }
      this.#countWarning();
      this.#sayWithoutWaiting(encodeAlert("no_renegotiation"));
    }
  }

  /**
   * Sends from within receiving. It must not wait for the transport: a peer that itself only writes would never
   * read it, and never be read. A failure of the transport shows at the next read or write.
   */
  #sayWithoutWaiting(alert: Uint8Array): void {
    if (!this.#closeSent) this.#records.write(ContentType.alert, [alert]).catch(() => {});
  }

  #countWarning(): void {
    if (++this.#warnings > MAX_WARNINGS) throw fatal("unexpected_message", "too many warnings", "limit");
  }

  /**
   * Ends the transport once both sides have said close_notify; before, a WebSocket would cut the peer short. What
   * becomes of the transport after that is no fault of the session.
   */
  async #letGo(): Promise<void> {
    if (!this.#closeSent || !this.#closeReceived) return;
    await this.#records.wire.end().catch(() => {});
    this.#records.wire.release();
  }

  /** The first error is the session's error; it is told to the peer once. */
  async #fail(error: unknown): Promise<ChannelError> {
    if (this.#failure === null) {
      this.#failure = toChannelError(error);
      await endWithAlert(this.#records, this.#failure);
    }
    return this.#failure;
  }
}
