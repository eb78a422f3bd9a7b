/** Messages after a handshake besides application data: the interface that each version of TLS implements. */

import type { Alert } from "./alerts.ts";
import type { HandshakeMessage } from "./handshake/assembler.ts";
import type { ContentType } from "./record/content.ts";

/** The handshake messages and the keys of an established session. The session sends whatever this queues. */
export interface PostHandshake {
  /** How many times keys have been changed since the handshake. */
  readonly keyChanges: number;
  /** Whether the peer's part in a change of keys is outstanding, so that the session must receive. */
  readonly waiting: boolean;
  /** Whether a key exchange is in progress that should end before this side closes. */
  readonly inProgress: boolean;
  /** How many milliseconds more an exchange in progress may take before this side closes. */
  readonly patience: number;
  /** Whether the keys can be changed at all; if not, the session ends when their limit is reached. */
  readonly canChangeKeys: boolean;
  /** Begins a change of keys if one is due and possible; a peer that has closed (`peerClosed`) sends nothing more. */
  changeKeysIfDue(peerClosed: boolean): void;
  /** Whether `length` more bytes of records would exceed what the current keys may protect, or how long they may be used. */
  isSpent(length: number): boolean;
  /** Throws if a record of this type is not allowed now, or its key has reached its limit. */
  checkRecord(type: ContentType): void;
  /** Whether an alert, other than close_notify, ends the session. */
  isFatal(alert: Alert): boolean;
  /** Takes a ChangeCipherSpec record. */
  changeCipherSpec(fragment: Uint8Array): void;
  /**
   * Takes a handshake message. After this side's close_notify (`closed`) no answer can be sent. `endsRecord` tells whether the
   * message ends its record, so that keys may change.
   */
  take(message: HandshakeMessage, closed: boolean, endsRecord: boolean): void | Promise<void>;
  /** Returns exported keying material (RFC 5705, RFC 8446 section 7.5). */
  exportKeyingMaterial(label: string, length: number, context: Uint8Array | undefined): Uint8Array;
}
