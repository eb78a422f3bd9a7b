/** The transcript: all handshake messages so far. Finished, CertificateVerify and the session hash cover it. */

import { concat } from "../../bytes.ts";
import type { Hash } from "../../crypto/hash.ts";
import { frameMessage } from "./assembler.ts";

const MESSAGE_HASH = 254;

/**
 * Keeps the messages instead of a running hash, since the client may sign them with a hash function other than the suite's
 * (RFC 5246 section 7.4.8). The limits on messages bound the size.
 */
export class Transcript {
  #messages: Uint8Array[] = [];

  /** Adds one message, including its header. */
  add(message: Uint8Array): void {
    this.#messages.push(message);
  }

  /** Replaces the first ClientHello by the synthetic message_hash (RFC 8446 section 4.4.1). */
  hashFirst(hash: Hash): void {
    const [first, ...rest] = this.#messages;
    this.#messages = [frameMessage(MESSAGE_HASH, hash(first)), ...rest];
  }

  /** Returns the concatenated messages: handshake_messages of RFC 5246 section 7.4.8. */
  bytes(): Uint8Array {
    return concat(...this.#messages);
  }

  /** Returns Hash(handshake_messages) of RFC 5246 section 7.4.9, which is the session_hash of RFC 7627 section 3. */
  hash(hash: Hash): Uint8Array {
    const state = hash.create();
    for (const message of this.#messages) state.update(message);
    return state.digest();
  }
}
