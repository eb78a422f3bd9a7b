/**
 * Rekeying: a new RSA key exchange within the protected session makes new keys for both directions. The new keys are bound
 * to those that they replace. docs/protocol.md specifies every byte.
 *
 *     client                                   server
 *                          <-----  RekeyRequest              (if the server asks)
 *     RekeyClientExchange   ----->
 *                          <-----  RekeyServerExchange
 *     [ChangeCipherSpec]
 *     Finished              ----->
 *                                  [ChangeCipherSpec]
 *                          <-----  Finished
 *
 * Application data continues in both directions meanwhile, except between a ChangeCipherSpec and its Finished.
 */

import { concat, EMPTY } from "../../bytes.ts";
import type { RandomBytes } from "../../crypto/random.ts";
import { fatalAlert } from "../alerts.ts";
import { frameMessage, type HandshakeMessage } from "../handshake/assembler.ts";
import { checkFinished } from "../handshake/finished.ts";
import type { Role } from "../handshake/layer.ts";
import { HandshakeType } from "../handshake/messages.ts";
import { messageReader, readEmpty, readWhole } from "../handshake/reader.ts";
import { Transcript } from "../handshake/transcript.ts";
import type { ClientSide, Randoms, ServerSide } from "../key_exchange/key_exchange.ts";
import { type KeyLog, keyLogLine, MASTER_SECRET } from "../key_log.ts";
import { ContentType } from "../record/content.ts";
import type { RecordLayer } from "../record/layer.ts";
import { rekeyedMasterSecret, verifyData } from "./key_schedule.ts";
import { prepareKeys, type SecurityParameters } from "./parameters.ts";

/** The handshake types of the exchange. They are not registered with IANA. */
export const RekeyType = { request: 0xf0, clientExchange: 0xf1, serverExchange: 0xf2 } as const;

/** The state that a key exchange passes to the next one. The handshake is the first key exchange. */
export interface KeyState {
  readonly master: Uint8Array;
  /** The verify_data of the client's Finished, followed by the server's. */
  readonly verifyData: Uint8Array;
}

/** The RSA key exchange of the handshake, which every later exchange repeats. */
export type RepeatedKeyExchange =
  | { readonly role: "client"; readonly side: ClientSide }
  | { readonly role: "server"; readonly side: ServerSide };

/** The other inputs of an exchange. */
export interface RekeyContext {
  readonly keyExchange: RepeatedKeyExchange;
  readonly parameters: SecurityParameters;
  readonly random: RandomBytes;
  readonly keyLog: KeyLog | undefined;
}

/** An exchange in progress. */
interface Exchange {
  readonly transcript: Transcript;
  readonly clientRandom: Uint8Array;
  readonly premasterSecret: Uint8Array;
  /** The new master secret, as soon as both random values are known. */
  master?: Uint8Array;
  /** The verify_data of this side's Finished, as soon as it has been sent. */
  sent?: Uint8Array;
}

const RANDOM_LENGTH = 32;

/** New keys are requested when this part of a key's limit has been used. The rest is for data in transit. */
const REKEY_AT = 3 / 4;

/** The bytes that are reserved under a key for alerts and key exchanges. */
const RESERVE = 4096;

/**
 * The time in milliseconds that a key exchange always has: writing does not wait for it earlier, and closing waits for it no
 * longer than that.
 */
export const PATIENCE_MS = 30_000;

/** The key exchanges of one session after its handshake. */
export class Rekeying {
  readonly #records: RecordLayer;
  readonly #context: RekeyContext;
  #state: KeyState;
  #exchange: Exchange | null = null;
  /** Whether the pre-master secret of an exchange is being decrypted, which may take time, as in an HSM. */
  #decrypting = false;
  #requested = false;
  #peerChanged = false;
  #settledAt: number = performance.now();
  #waitingSince = 0;
  /**
   * When this side last sent a Finished. The peer can begin the next exchange only after that. The end of the handshake does
   * not count, because a client may read the server's Finished late.
   */
  #finishedAt: number;
  /** The number of completed exchanges. */
  count = 0;

  constructor(records: RecordLayer, context: RekeyContext, state: KeyState) {
    this.#records = records;
    this.#context = context;
    this.#state = state;
    this.#finishedAt = context.keyExchange.role === "server" ? this.#settledAt : -Infinity;
  }

  /** Whether an exchange is in progress. */
  get inProgress(): boolean {
    return this.#exchange !== null || this.#decrypting;
  }

  /** Whether a message from the peer is expected. */
  get waiting(): boolean {
    return this.#exchange !== null || this.#requested;
  }

  /** Whether the peer has changed its keys, so that only its Finished may follow. */
  get awaitsFinished(): boolean {
    return this.#peerChanged;
  }

  /** The age of the current keys, in milliseconds. */
  get age(): number {
    return performance.now() - this.#settledAt;
  }

  /** How long the exchange in progress has taken so far, in milliseconds. */
  get waited(): number {
    return performance.now() - this.#waitingSince;
  }

  /** Whether it is time for new keys. */
  get isDue(): boolean {
    const { bytes, milliseconds } = this.#context.parameters.keyLimits;
    return this.#used > bytes * REKEY_AT || this.age > milliseconds;
  }

  /**
   * Returns whether `length` more bytes would exceed the limit of bytes, or the limit of time has been exceeded. An exchange
   * may take as long as the limit of age again, or 30 seconds if that is longer.
   */
  exceedsKeyLimit(length: number): boolean {
    const { bytes, milliseconds, rekeying } = this.#context.parameters.keyLimits;
    const lifetime = milliseconds + (rekeying ? Math.max(milliseconds, PATIENCE_MS) : 0);
    return this.age > lifetime || this.#records.writing.bytes + length > bytes - RESERVE;
  }

  /** The bytes under the current keys in the direction that has more. */
  get #used(): number {
    return Math.max(this.#records.reading.bytes, this.#records.writing.bytes);
  }

  /** Begins an exchange or, as a server, asks the client to begin one. Does nothing if that has already been done. */
  begin(): void {
    if (this.#exchange !== null || this.#requested) return;
    const { keyExchange } = this.#context;
    this.#waitingSince = performance.now();
    if (keyExchange.role === "client") return this.#offer(keyExchange.side);
    this.#requested = true;
    this.#queue(RekeyType.request, EMPTY);
  }

  /** Handles the peer's ChangeCipherSpec. */
  changeCipherSpec(fragment: Uint8Array): void {
    this.#records.changeCipherSpec(fragment);
    this.#peerChanged = true;
  }

  /** Handles a message of the exchange, and queues the response. */
  async take(message: HandshakeMessage): Promise<void> {
    const { keyExchange } = this.#context;
    const exchange = this.#exchange;
    switch (message.type) {
      case RekeyType.request:
        if (keyExchange.role === "client" && !this.#peerChanged) return this.#takeRequest(message);
        break;
      case RekeyType.clientExchange:
        if (keyExchange.role === "server" && exchange === null) {
          return await this.#takeClientExchange(keyExchange.side, message);
        }
        break;
      case RekeyType.serverExchange:
        if (keyExchange.role === "client" && exchange && !exchange.master) {
          return this.#takeServerExchange(exchange, message);
        }
        break;
      case HandshakeType.finished:
        if (this.#peerChanged && exchange) return this.#takeFinished(exchange, message);
    }
    throw fatalAlert("unexpected_message", "a handshake message came at the wrong place of a key exchange");
  }

  /** Queues the client's first message, which ends with the body of a ClientKeyExchange. */
  #offer(side: ClientSide): void {
    const clientRandom = this.#context.random(RANDOM_LENGTH);
    const { clientKeyExchange, premasterSecret } = side.respond();
    this.#exchange = { transcript: this.#boundTranscript(), clientRandom, premasterSecret };
    this.#exchange.transcript.add(
      this.#queue(RekeyType.clientExchange, concat(clientRandom, clientKeyExchange)),
    );
  }

  /**
   * Handles the server's RekeyRequest. Ignores it if an exchange is already in progress, because the two messages have
   * crossed.
   */
  #takeRequest({ body }: HandshakeMessage): void {
    readEmpty("RekeyRequest", body);
    if (this.#exchange !== null) return;
    this.#checkInterval();
    this.begin();
  }

  async #takeClientExchange(side: ServerSide, { body, bytes }: HandshakeMessage): Promise<void> {
    this.#checkInterval();
    const reader = messageReader("RekeyClientExchange", body);
    const clientRandom = reader.bytes(RANDOM_LENGTH);
    this.#waitingSince = performance.now();
    this.#decrypting = true;
    const premasterSecret = await side.receive(reader.bytes(reader.remaining));
    this.#decrypting = false;
    const exchange: Exchange = { transcript: this.#boundTranscript(), clientRandom, premasterSecret };
    exchange.transcript.add(bytes);
    const serverRandom = this.#context.random(RANDOM_LENGTH);
    exchange.transcript.add(this.#queue(RekeyType.serverExchange, serverRandom));
    this.#settleKeys(exchange, { client: clientRandom, server: serverRandom });
    this.#exchange = exchange;
    this.#requested = false;
  }

  #takeServerExchange(exchange: Exchange, { body, bytes }: HandshakeMessage): void {
    const serverRandom = readWhole("RekeyServerExchange", body, (reader) => reader.bytes(RANDOM_LENGTH));
    exchange.transcript.add(bytes);
    this.#settleKeys(exchange, { client: exchange.clientRandom, server: serverRandom });
    exchange.sent = this.#sendFinished(exchange, "client");
  }

  /** Handles the peer's Finished. The server responds with its own Finished; the client is then done. */
  #takeFinished(exchange: Exchange, { body, bytes }: HandshakeMessage): void {
    const { role } = this.#context.keyExchange;
    const received = this.#verifyData(exchange, role === "client" ? "server" : "client");
    checkFinished(body, received);
    exchange.transcript.add(bytes);
    const sent = exchange.sent ?? this.#sendFinished(exchange, "server");
    const both = role === "client" ? concat(sent, received) : concat(received, sent);
    this.#state = { master: exchange.master!, verifyData: both };
    this.#exchange = null;
    this.#peerChanged = false;
    this.#settledAt = performance.now();
    this.count++;
  }

  /**
   * Returns a transcript that begins with the verify_data of the last exchange, which binds the two (like RFC 5746 section
   * 3.4).
   */
  #boundTranscript(): Transcript {
    const transcript = new Transcript();
    transcript.add(this.#state.verifyData);
    return transcript;
  }

  #settleKeys(exchange: Exchange, randoms: Randoms): void {
    const { keyExchange: { role }, parameters, random, keyLog } = this.#context;
    const { hash } = parameters.suite;
    const exchangeHash = exchange.transcript.hash(hash);
    const master = rekeyedMasterSecret(hash, exchange.premasterSecret, this.#state.master, exchangeHash);
    keyLog?.(keyLogLine(MASTER_SECRET, randoms.client, master));
    exchange.master = master;
    prepareKeys(this.#records, role, parameters, master, randoms, random);
  }

  #sendFinished(exchange: Exchange, role: Role): Uint8Array {
    this.#records.queueChangeCipherSpec();
    const own = this.#verifyData(exchange, role);
    exchange.transcript.add(this.#queue(HandshakeType.finished, own));
    this.#finishedAt = performance.now();
    return own;
  }

  #verifyData({ master, transcript }: Exchange, role: Role): Uint8Array {
    const { hash } = this.#context.parameters.suite;
    return verifyData(hash, master!, role, transcript.hash(hash));
  }

  #queue(type: number, body: Uint8Array): Uint8Array {
    const message = frameMessage(type, body);
    this.#records.queue(ContentType.handshake, [message]);
    return message;
  }

  /**
   * Refuses a key exchange that comes too soon, before half of the limit of bytes is used. Otherwise a peer could keep this
   * side busy with RSA.
   */
  #checkInterval(): void {
    const { bytes, leastMilliseconds } = this.#context.parameters.keyLimits;
    if (performance.now() - this.#finishedAt < leastMilliseconds && this.#used < bytes / 2) {
      throw fatalAlert("unexpected_message", "key exchanges follow each other too fast", "limit");
    }
  }
}
