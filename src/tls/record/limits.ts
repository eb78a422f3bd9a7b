/** How long one set of keys may be used, and how two sides of this library agree to change them in place. */

import { ByteWriter } from "../../bytes.ts";
import { fatalAlert } from "../alerts.ts";
import { messageReader } from "../handshake/reader.ts";

/** When the keys of a long session are changed. */
export interface RekeyOptions {
  /**
   * The most bytes of protected fragments in either direction under one key, at least 1 MiB. The default is 8 MiB for
   * 3DES, the 2^20 blocks of SP 800-67 revision 2, and no cap for AES. The lower of both sides' counts, the defaults too:
   * who wants more than 8 MiB for 3DES has to name it on both sides. A peer without rekeying has no say.
   */
  readonly bytes?: number | undefined;
  /**
   * The age in milliseconds at which keys are changed, at least 1000; any age by default. The exchange may take as long
   * again, or 30 seconds where that is more; then writing waits for it.
   */
  readonly milliseconds?: number | undefined;
}

/** What a session holds its keys to. */
export interface KeyLimits {
  readonly bytes: number;
  readonly milliseconds: number;
  /** Whether the peer changes keys in place; if not, a session that comes to a limit ends there. */
  readonly rekeying: boolean;
}

const LEAST_BYTES = 2 ** 20;
const LEAST_MILLISECONDS = 1000;
const UNIT = 1024;

/** Throws `RangeError` for limits that would leave no room for work. */
export function checkRekeyOptions(
  { bytes = LEAST_BYTES, milliseconds = LEAST_MILLISECONDS }: RekeyOptions,
): void {
  if (!Number.isInteger(bytes) || bytes < LEAST_BYTES || bytes >= UNIT * 2 ** 32) {
    throw new RangeError(`rekey.bytes is an integer of at least ${LEAST_BYTES}`);
  }
  if (!Number.isInteger(milliseconds) || milliseconds < LEAST_MILLISECONDS) {
    throw new RangeError(`rekey.milliseconds is an integer of at least ${LEAST_MILLISECONDS}`);
  }
}

/** The limits of a session: the lower cap, so that a peer can lower what this side has named or the suite has, not raise it. */
export function keyLimits(
  suiteLimit: number,
  { bytes, milliseconds = Infinity }: RekeyOptions,
  peer: RekeyOffer | undefined,
): KeyLimits {
  const own = bytes === undefined ? suiteLimit : kibibytes(bytes) * UNIT;
  return {
    bytes: peer === undefined ? own : Math.min(own, peer.kibibytes * UNIT || suiteLimit),
    milliseconds,
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
