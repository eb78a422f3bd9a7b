/**
 * The extension `fesa_rekey`, with which two sides that use this library agree to change keys in place (docs/protocol.md).
 */

import { ByteWriter } from "../../byte_fields.ts";
import { fatalAlert } from "../alerts.ts";
import { messageReader } from "../handshake/reader.ts";
import { DEFAULT_MIN_AGE, MIN_BYTES, type RekeyOptions } from "../record/limits.ts";

/** The limits on the use of a session's keys. */
export interface KeyLimits {
  readonly bytes: number;
  readonly milliseconds: number;
  readonly leastMilliseconds: number;
  /** Whether the peer can change keys in place. If not, the session ends when it reaches a limit. */
  readonly rekeying: boolean;
}

/** The unit of caps on the wire, in bytes. */
const UNIT = 1024;

/**
 * Returns the limits of a session. The lowest cap applies, so a peer can lower the cap of this side or of the suite, but not
 * raise it.
 */
export function keyLimits(
  suiteLimit: number,
  { bytes, milliseconds = Infinity, leastMilliseconds = DEFAULT_MIN_AGE }: RekeyOptions,
  peer: RekeyOffer | undefined,
): KeyLimits {
  const own = bytes === undefined ? suiteLimit : kibibytes(bytes) * UNIT;
  return {
    bytes: peer === undefined ? own : Math.min(own, peer.kibibytes * UNIT || suiteLimit),
    milliseconds,
    leastMilliseconds,
    rekeying: peer !== undefined,
  };
}

/** The contents of the extension `fesa_rekey`. */
export interface RekeyOffer {
  /** The cap that the sender sets, in units of 1024 bytes; 0 if it sets none. */
  readonly kibibytes: number;
}

const VERSION = 1;

/** Encodes `fesa_rekey`: a version, and the cap. */
export function encodeRekeyOffer({ bytes }: RekeyOptions): Uint8Array {
  return new ByteWriter().u8(VERSION).u32(bytes === undefined ? 0 : kibibytes(bytes)).finish();
}

/**
 * Reads `fesa_rekey`. Returns undefined for another version. Refuses a cap below 1 MiB, which would keep this side busy with
 * RSA.
 */
export function decodeRekeyOffer(data: Uint8Array): RekeyOffer | undefined {
  const reader = messageReader("fesa_rekey", data);
  if (reader.u8() !== VERSION) return undefined;
  const offer = { kibibytes: reader.u32() };
  reader.end();
  if (offer.kibibytes > 0 && offer.kibibytes < kibibytes(MIN_BYTES)) {
    throw fatalAlert("illegal_parameter", "the cap of fesa_rekey is below 1 MiB");
  }
  return offer;
}

function kibibytes(bytes: number): number {
  return Math.floor(bytes / UNIT);
}
