/** The interface of a named group (RFC 8446 section 4.2.7). */

import type { ChannelError } from "../../errors.ts";
import type { RandomBytes } from "../../crypto/random.ts";
import { fatalAlert } from "../alerts.ts";

/** The IANA name of a named group that this library knows. */
export type NamedGroupName = "X25519MLKEM768" | "x25519" | "secp256r1" | "secp384r1" | "secp521r1";

/** A key exchange that this side has begun. */
export interface OfferedShare {
  /** The public value to send. */
  readonly share: Uint8Array;
  /** Returns the shared secret for the peer's public value. Throws `illegal_parameter` if that value is invalid. */
  finish(peerShare: Uint8Array): Uint8Array;
  /**
   * For a hybrid group, the classical group with its key exchange. A ClientHello offers both, with the same public value, for
   * servers that do not know the hybrid group (RFC 9954 section 3.2).
   */
  readonly fallback?: OfferedGroup;
}

/** A group, and the key exchange that a client has begun in it. */
export interface OfferedGroup {
  readonly group: NamedGroup;
  readonly exchange: OfferedShare;
}

/** The result for the responding side. */
export interface Response {
  /** The public value to send back. */
  readonly share: Uint8Array;
  /** The shared secret. */
  readonly secret: Uint8Array;
}

/**
 * A named group. One side begins with `generate`, and the other responds with `respond`. This interface fits both
 * Diffie-Hellman and a key encapsulation mechanism, whose response depends on the first public value.
 */
export interface NamedGroup {
  readonly id: number;
  readonly name: NamedGroupName;
  /** Whether the public values are too long for TLS 1.2. */
  readonly tls13Only?: boolean;
  /** Begins a key exchange. */
  generate(random: RandomBytes): OfferedShare;
  /** Responds to the peer's public value. Throws `illegal_parameter` if that value is invalid. */
  respond(peerShare: Uint8Array, random: RandomBytes): Response;
}

/** Returns the error for a public value that does not belong to the group. */
export function invalidShare(name: NamedGroupName): ChannelError {
  return fatalAlert("illegal_parameter", `the peer's ${name} key share is invalid`);
}
