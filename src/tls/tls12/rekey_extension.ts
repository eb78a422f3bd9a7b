/** The extension `fesa_rekey`: how two sides of this library agree to change keys in place (docs/protocol.md). */

import { ByteWriter } from "../../bytes.ts";
import { fatalAlert } from "../alerts.ts";
import { messageReader } from "../handshake/reader.ts";
import { LEAST_AGE, LEAST_BYTES, type RekeyOptions } from "../record/limits.ts";

/** What a session holds its keys to. */
export interface KeyLimits {
  readonly bytes: number;
  readonly milliseconds: number;
  readonly leastMilliseconds: number;
  /** Whether the peer changes keys in place; if not, a session that comes to a limit ends there. */
  readonly rekeying: boolean;
}

/** Caps are told in units of 1024 bytes. */
const UNIT = 1024;

/** The limits of a session: the lower cap, so that a peer can lower what this side has named or the suite has, not raise it. */
export function keyLimits(
  suiteLimit: number,
  { bytes, milliseconds = Infinity, leastMilliseconds = LEAST_AGE }: RekeyOptions,
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
  /** The cap that the sender names, in units of 1024 bytes; 0 where it names none. */
  readonly kibibytes: number;
}

const VERSION = 1;

/** Writes `fesa_rekey`: a version, and the cap. */
export function encodeRekeyOffer({ bytes }: RekeyOptions): Uint8Array {
  return new ByteWriter().u8(VERSION).u32(bytes === undefined ? 0 : kibibytes(bytes)).finish();
}

/** Reads `fesa_rekey`; undefined for a version that is not this one. A low cap would make this side do nothing but RSA. */
export function decodeRekeyOffer(data: Uint8Array): RekeyOffer | undefined {
  const reader = messageReader("fesa_rekey", data);
  if (reader.u8() !== VERSION) return undefined;
  const offer = { kibibytes: reader.u32() };
  reader.end();
  if (offer.kibibytes > 0 && offer.kibibytes < kibibytes(LEAST_BYTES)) {
    throw fatalAlert("illegal_parameter", "the cap of fesa_rekey is below 1 MiB");
  }
  return offer;
}

function kibibytes(bytes: number): number {
  return Math.floor(bytes / UNIT);
}
