/** The interface of a named group (RFC 8446 section 4.2.7). */

import type { ChannelError } from "../../errors.ts";
import type { RandomBytes } from "../../crypto/random.ts";
import { fatalAlert } from "../alerts.ts";

/** The IANA name of a named group that this library knows. */
export type NamedGroupName = "X25519MLKEM768" | "x25519" | "secp256r1" | "secp384r1" | "secp521r1";

/** The state of the side that began a key exchange. */
export interface OfferedShare {
  /** The public value to send. */
  readonly share: Uint8Array;
  /** Returns the shared secret for the peer's public value; throws `illegal_parameter` if that value is invalid. */
  finish(peerShare: Uint8Array): Uint8Array;
  /**
   * The classical half of a hybrid, to be offered beside it to servers that do not know the hybrid. Both may have the same
   * public value in one ClientHello (RFC 9954 section 3.2).
   */
  readonly fallback?: OfferedGroup;
}

/** A key exchange that a client has begun, and its group. */
export interface OfferedGroup {
  readonly group: NamedGroup;
  readonly exchange: OfferedShare;
}

/** The result for the side that answers. */
export interface Response {
  /** The public value to send back. */
  readonly share: Uint8Array;
  /** The shared secret. */
  readonly secret: Uint8Array;
}

/**
 * A named group. One side begins with `generate`, the other answers with `respond`. This fits Diffie-Hellman as well as a key
 * encapsulation, whose answer depends on the first public value.
 */
export interface NamedGroup {
  readonly id: number;
  readonly name: NamedGroupName;
  /** Whether TLS 1.2 has no room for its public values. */
  readonly tls13Only?: boolean;
  /** Begins a key exchange. */
  generate(random: RandomBytes): OfferedShare;
  /** Answers the peer's public value; throws `illegal_parameter` if that value is invalid. */
  respond(peerShare: Uint8Array, random: RandomBytes): Response;
}

/** Returns the error for a public value that does not belong to the group. */
export function invalidShare(name: NamedGroupName): ChannelError {
  return fatalAlert("illegal_parameter", `the peer's ${name} key share is invalid`);
}
