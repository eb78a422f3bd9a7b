/** What comes after a handshake besides application data: what each version of TLS implements for its sessions. */

import type { Alert } from "./alerts.ts";
import type { HandshakeMessage } from "./handshake/assembler.ts";
import type { ContentType } from "./record/layer.ts";

/** The handshake messages and the keys of an established session. Whatever it queues the session sends. */
export interface PostHandshake {
  /** How many times keys were changed since the handshake. */
  readonly keyChanges: number;
  /** Whether the peer's part in a change of keys is outstanding, so that the session has to receive. */
  readonly waiting: boolean;
  /** Whether an exchange has begun that ought to end before this side closes. */
  readonly inProgress: boolean;
  /** How many milliseconds more an exchange in progress may take before this side closes. */
  readonly patience: number;
  /** Whether the keys can be changed at all; if not, the session ends when they are spent. */
  readonly canChangeKeys: boolean;
  /** Begins a change of keys if it is time for one, and possible; a peer that has closed (`peerClosed`) sends nothing more. */
  changeKeysIfDue(peerClosed: boolean): void;
  /** Whether `length` more bytes of records would be too many under the keys in use, or too late. */
  isSpent(length: number): boolean;
  /** Throws if a record of this type may not come now, or came under a spent key. */
  checkRecord(type: ContentType): void;
  /** Whether an alert, other than close_notify, ends the session. */
  isFatal(alert: Alert): boolean;
  /** Takes a ChangeCipherSpec record. */
  changeCipherSpec(fragment: Uint8Array): void;
  /**
   * Takes a handshake message. After this side's close_notify (`closed`) nothing can be answered. `endsRecord` tells whether
   * nothing follows the message in its record, so that keys may change.
   */
  take(message: HandshakeMessage, closed: boolean, endsRecord: boolean): void | Promise<void>;
  /** Exported keying material (RFC 5705, RFC 8446 section 7.5). */
  exportKeyingMaterial(label: string, length: number, context: Uint8Array | undefined): Uint8Array;
}
