/**
 * The handling of post-handshake messages other than application data. Each version of TLS implements this interface.
 */

import type { Alert } from "./alerts.ts";
import type { HandshakeMessage } from "./handshake/assembler.ts";
import type { ContentType } from "./record/content.ts";

/** The handshake messages and the keys of an established session. The session sends the records that these methods queue. */
export interface PostHandshake {
  /** How often the keys have been changed since the handshake. */
  readonly keyChanges: number;
  /** Whether a change of keys waits for a message from the peer, so that the session must keep receiving. */
  readonly waiting: boolean;
  /** Whether a key exchange is in progress. It should be completed before this side closes. */
  readonly inProgress: boolean;
  /** How much longer the key exchange in progress may take before this side closes, in milliseconds. */
  readonly patience: number;
  /** Whether the keys can be changed. If not, the session ends when they reach their limit. */
  readonly canChangeKeys: boolean;
  /**
   * Begins a change of keys if one is due and possible. After the peer's close_notify (`peerClosed`), the peer sends nothing
   * more.
   */
  changeKeysIfDue(peerClosed: boolean): void;
  /** Returns whether `length` more bytes of records would exceed a limit of the current keys, or their time has run out. */
  exceedsKeyLimit(length: number): boolean;
  /** Throws if a record of this type is not allowed now, or the reading key has exceeded its limit. */
  checkRecord(type: ContentType): void;
  /** Returns whether an alert other than close_notify ends the session. */
  isFatal(alert: Alert): boolean;
  /** Handles a ChangeCipherSpec record. */
  changeCipherSpec(fragment: Uint8Array): void;
  /**
   * Handles a handshake message. After this side's close_notify (`closed`), no response can be sent. `endsRecord` tells
   * whether the message ends its record; only then may keys change.
   */
  take(message: HandshakeMessage, closed: boolean, endsRecord: boolean): void | Promise<void>;
  /** Returns exported keying material (RFC 5705, RFC 8446 section 7.5). */
  exportKeyingMaterial(label: string, length: number, context: Uint8Array | undefined): Uint8Array;
}
