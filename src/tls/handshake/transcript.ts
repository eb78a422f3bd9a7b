/** The transcript: all handshake messages so far, covered by Finished, CertificateVerify and the session hash. */

import { concat } from "../../bytes.ts";
import type { Hash } from "../../crypto/hash.ts";
import { frameMessage } from "./assembler.ts";

const MESSAGE_HASH = 254;

/**
 * Keeps the messages themselves, since the client may sign them with another hash function than the suite's
 * (RFC 5246 section 7.4.8); the limits on messages bound its size.
 */
export class Transcript {
  #messages: Uint8Array[] = [];

  /** Adds one message, its header included. */
  add(message: Uint8Array): void {
    this.#messages.push(message);
  }

  /** Replaces the first ClientHello by the synthetic message_hash (RFC 8446 section 4.4.1). */
  hashFirst(hash: Hash): void {
    const [first, ...rest] = this.#messages;
    this.#messages = [frameMessage(MESSAGE_HASH, hash(first)), ...rest];
  }

  /** The concatenated messages: handshake_messages of RFC 5246 section 7.4.8. */
  bytes(): Uint8Array {
    return concat(...this.#messages);
  }

  /** Hash(handshake_messages) of RFC 5246 section 7.4.9; the session_hash of RFC 7627 section 3. */
  hash(hash: Hash): Uint8Array {
    const state = hash.create();
    for (const message of this.#messages) state.update(message);
    return state.digest();
  }
}
