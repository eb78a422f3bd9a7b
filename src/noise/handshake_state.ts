/** The handshake (Noise specification, section 5.3). */

import { ByteReader } from "../byte_fields.ts";
import { concat, EMPTY } from "../bytes.ts";
import { TAG_LENGTH } from "../crypto/aead.ts";
import type { KeyAgreement, KeyPair } from "../crypto/ec/key_agreement.ts";
import { type RandomBytes, randomBytes } from "../crypto/random.ts";
import { ChannelError } from "../errors.ts";
import { type CipherState, KEY_LENGTH, MAX_MESSAGE_LENGTH } from "./cipher_state.ts";
import type { HandshakePattern, MessagePattern, Token } from "./pattern.ts";
import type { Protocol } from "./protocol.ts";
import { SymmetricState } from "./symmetric_state.ts";

/** The inputs of one party to a handshake. */
export interface HandshakeOptions {
  /** Whether this party writes the first message. */
  readonly initiator: boolean;
  /** Data that must be the same for both parties, or the handshake fails (section 6). Empty by default. */
  readonly prologue?: Uint8Array;
  /** This party's static key pair, if the pattern has one. */
  readonly s?: KeyPair;
  /** The peer's static public key, 32 bytes, if it is a pre-message in the pattern. */
  readonly rs?: Uint8Array;
  /** The pre-shared keys, 32 bytes each, one for each `psk` modifier in the order of the modifiers' numbers. */
  readonly psks?: readonly Uint8Array[];
  /** The source of the ephemeral key pair; the platform's random generator by default. */
  readonly random?: RandomBytes;
}

/**
 * The HandshakeState of the specification: a handshake in progress. Messages are written and read in turn until {@link
 * HandshakeState.complete} is true. Then {@link HandshakeState.split} returns the ciphers for the data. After an error the
 * handshake cannot continue.
 *
 * @example
 * ```ts
 * import { generateKeyPair, HandshakeState, protocolByName } from "@fesa/channel/noise";
 *
 * const server = generateKeyPair();
 * const protocol = protocolByName("Noise_NK_25519_ChaChaPoly_SHA256");
 * const initiator = new HandshakeState(protocol, { initiator: true, rs: server.publicKey });
 * const responder = new HandshakeState(protocol, { initiator: false, s: server });
 *
 * responder.readMessage(initiator.writeMessage());
 * initiator.readMessage(responder.writeMessage());
 * const [sender] = initiator.split();
 * const [receiver] = responder.split();
 * const none = new Uint8Array();
 * const ciphertext = sender.encryptWithAd(none, new TextEncoder().encode("hello"));
 * console.log(new TextDecoder().decode(receiver.decryptWithAd(none, ciphertext)));
 * ```
 */
export class HandshakeState {
  readonly #pattern: HandshakePattern;
  readonly #dh: KeyAgreement;
  readonly #symmetric: SymmetricState;
  readonly #initiator: boolean;
  readonly #s: KeyPair | undefined;
  readonly #psks: Uint8Array[];
  readonly #random: RandomBytes;
  #e: KeyPair | undefined;
  #rs: Uint8Array | undefined;
  #re: Uint8Array | undefined;
  #next = 0;
  #failed = false;

  /**
   * Initialize: begins a handshake.
   *
   * @throws {RangeError} If a key does not have 32 bytes.
   * @throws {TypeError} If a key that the pattern needs is missing, or a key is given that the pattern does not use.
   */
  constructor(protocol: Protocol, options: HandshakeOptions) {
    const { initiator, prologue = EMPTY, s, rs, psks = [], random = randomBytes } = options;
    this.#pattern = protocol.pattern;
    this.#dh = protocol.dh;
    this.#symmetric = new SymmetricState(protocol);
    this.#initiator = initiator;
    this.#s = s;
    this.#rs = rs;
    this.#psks = [...psks];
    this.#random = random;
    this.#checkKeys();

    this.#symmetric.mixHash(prologue);
    const [mine, theirs] = [s?.publicKey, rs];
    if (this.#pattern.initiatorKnown) this.#symmetric.mixHash((initiator ? mine : theirs)!);
    if (this.#pattern.responderKnown) this.#symmetric.mixHash((initiator ? theirs : mine)!);
  }

  /** Whether all messages have been written and read. */
  get complete(): boolean {
    return !this.#failed && this.#next === this.#pattern.messages.length;
  }

  /** Whether it is this party's turn to write a message. */
  get myTurn(): boolean {
    return !this.#failed && this.#pattern.messages[this.#next]?.fromInitiator === this.#initiator;
  }

  /** The peer's static public key, once it is known. */
  get rs(): Uint8Array | undefined {
    return this.#rs && new Uint8Array(this.#rs);
  }

  /**
   * GetHandshakeHash: a hash that is unique to this handshake, for channel binding by other protocols (section 11.2).
   *
   * @throws {TypeError} If the handshake is not complete.
   */
  get handshakeHash(): Uint8Array {
    this.#checkComplete();
    return this.#symmetric.handshakeHash;
  }

  /**
   * WriteMessage: returns the next message.
   *
   * @param payload Data to send in the message. Its protection depends on the pattern and the message (section 7.7).
   * @returns The message, at most 65,535 bytes.
   * @throws {RangeError} If the message would be longer.
   * @throws {TypeError} If it is not this party's turn.
   * @throws {ChannelError} `crypto` if a public key of the peer is a point of small order.
   */
  writeMessage(payload: Uint8Array = EMPTY): Uint8Array {
    return this.#step(true, ({ tokens }) => {
      const parts = tokens.map((token) => this.#write(token));
      const message = concat(...parts, this.#symmetric.encryptAndHash(payload));
      if (message.length > MAX_MESSAGE_LENGTH) {
        throw new RangeError("a Noise message has at most 65,535 bytes");
      }
      return message;
    });
  }

  /**
   * ReadMessage: reads the peer's next message.
   *
   * @returns The payload.
   * @throws {TypeError} If it is not the peer's turn.
   * @throws {ChannelError} `decrypt` if the message is not authentic, because a key, the prologue or the message is wrong;
   * `protocol` if it is too short; `limit` if it is too long; `crypto` if a public key in it is a point of small order.
   */
  readMessage(message: Uint8Array): Uint8Array {
    return this.#step(false, ({ tokens }) => {
      if (message.length > MAX_MESSAGE_LENGTH) {
        throw new ChannelError("limit", "a Noise message has at most 65,535 bytes");
      }
      const reader = new ByteReader(message, tooShort);
      for (const token of tokens) this.#read(token, reader);
      return new Uint8Array(this.#symmetric.decryptAndHash(reader.bytes(reader.remaining)));
    });
  }

  /**
   * Split: returns the ciphers for the data. The first is for the direction from the initiator to the responder, the second
   * for the opposite direction. One-way patterns use only the first.
   *
   * @throws {TypeError} If the handshake is not complete.
   */
  split(): [CipherState, CipherState] {
    this.#checkComplete();
    return this.#symmetric.split();
  }

  /**
   * Returns the keys of the ciphers that `split` returns, for transports with their own encryption.
   *
   * @throws {TypeError} If the handshake is not complete.
   */
  splitKeys(): [Uint8Array, Uint8Array] {
    this.#checkComplete();
    return this.#symmetric.splitKeys();
  }

  #step<T>(write: boolean, work: (message: MessagePattern) => T): T {
    const message = this.#pattern.messages[this.#next];
    if (this.#failed || message === undefined) throw new TypeError("this handshake has ended");
    if ((message.fromInitiator === this.#initiator) !== write) {
      throw new TypeError(`it is ${write ? "the peer's" : "this party's"} turn to write`);
    }
    this.#failed = true;
    const result = work(message);
    this.#failed = false;
    this.#next++;
    return result;
  }

  #write(token: Token): Uint8Array {
    switch (token) {
      case "e":
        this.#e = this.#dh.generateKeyPair(this.#random);
        this.#mixEphemeral(this.#e.publicKey);
        return this.#e.publicKey;
      case "s":
        return this.#symmetric.encryptAndHash(this.#s!.publicKey);
      default:
        this.#mix(token);
        return EMPTY;
    }
  }

  #read(token: Token, reader: ByteReader): void {
    switch (token) {
      case "e":
        this.#re = new Uint8Array(reader.bytes(KEY_LENGTH));
        this.#mixEphemeral(this.#re);
        return;
      case "s":
        this.#rs = new Uint8Array(
          this.#symmetric.decryptAndHash(
            reader.bytes(KEY_LENGTH + (this.#symmetric.hasKey() ? TAG_LENGTH : 0)),
          ),
        );
        return;
      default:
        this.#mix(token);
    }
  }

  /**
   * Mixes in an ephemeral public key. With pre-shared keys, the ephemeral keys also randomize the encryption (section 9.2).
   */
  #mixEphemeral(publicKey: Uint8Array): void {
    this.#symmetric.mixHash(publicKey);
    if (this.#pattern.pskCount > 0) this.#symmetric.mixKey(publicKey);
  }

  /** Mixes in a secret that both parties know: a pre-shared key, or the result of a Diffie-Hellman operation. */
  #mix(token: Exclude<Token, "e" | "s">): void {
    if (token === "psk") return this.#symmetric.mixKeyAndHash(this.#psks.shift()!);
    const [ofInitiator, ofResponder] = token; // the token names the initiator's key first
    const [mine, theirs] = this.#initiator ? [ofInitiator, ofResponder] : [ofResponder, ofInitiator];
    const keyPair = mine === "e" ? this.#e : this.#s;
    const publicKey = theirs === "e" ? this.#re : this.#rs;
    this.#symmetric.mixKey(this.#dh.sharedSecret(keyPair!.secretKey, publicKey!));
  }

  #checkKeys(): void {
    const { initiatorKnown, responderKnown, messages, pskCount } = this.#pattern;
    const sends = messages.some((message) =>
      message.fromInitiator === this.#initiator && message.tokens.includes("s")
    );
    const [known, peerKnown] = this.#initiator
      ? [initiatorKnown, responderKnown]
      : [responderKnown, initiatorKnown];
    checkPresence("a static key pair (s)", this.#s, known || sends);
    checkPresence("the peer's static public key (rs)", this.#rs, peerKnown);
    if (this.#psks.length !== pskCount) throw new TypeError(`the pattern needs ${pskCount} pre-shared keys`);
    for (const key of [this.#s?.publicKey, this.#s?.secretKey, this.#rs, ...this.#psks]) {
      if (key !== undefined && key.length !== KEY_LENGTH) throw new RangeError("a key must have 32 bytes");
    }
  }

  #checkComplete(): void {
    if (!this.complete) throw new TypeError("the handshake is not complete");
  }
}

function checkPresence(what: string, value: unknown, wanted: boolean): void {
  if (wanted && value === undefined) throw new TypeError(`the pattern needs ${what}`);
  if (!wanted && value !== undefined) throw new TypeError(`the pattern does not use ${what}`);
}

function tooShort(what: string): ChannelError {
  return new ChannelError("protocol", `a handshake message ${what}`);
}
