/** The Noise protocols of the native setting, and the code common to its two sides. */

import { sha256 } from "../crypto/hash.ts";
import type { NoiseOperations } from "../crypto/operations.ts";
import type { RandomBytes } from "../crypto/random.ts";
import type { CompressionOffer } from "../preface.ts";
import type { HandshakeCost } from "../session.ts";
import { ChannelError } from "../errors.ts";
import { readPattern } from "./pattern.ts";
import type { CipherName, Protocol } from "./protocol.ts";
import type { RecordSuite } from "./record_cipher.ts";

/** A pattern of the native setting. */
export type NativePattern = "NN" | "NNpsk0" | "NK" | "KK" | "IK" | "XX";

/** A pattern, with its messages without modifiers (Noise specification, section 7) and their lengths. */
export interface NativeProfile {
  /** The number of the pattern in the preface. The number 0 requests the setting `off`. */
  readonly request: number;
  readonly pattern: NativePattern;
  readonly notation: string;
  /**
   * The lengths of the messages. The second message has a payload of one byte, the negotiated compression mode; the others
   * have none.
   */
  readonly lengths: readonly number[];
}

/** The patterns. */
export const NATIVE_PROFILES: readonly NativeProfile[] = [
  { request: 1, pattern: "NN", notation: "-> e <- e ee", lengths: [32, 49] },
  { request: 2, pattern: "NNpsk0", notation: "-> e <- e ee", lengths: [48, 49] },
  { request: 3, pattern: "NK", notation: "<- s ... -> e es <- e ee", lengths: [48, 49] },
  { request: 4, pattern: "KK", notation: "-> s <- s ... -> e es ss <- e ee se", lengths: [48, 49] },
  { request: 5, pattern: "IK", notation: "<- s ... -> e es s ss <- e ee se", lengths: [96, 49] },
  { request: 6, pattern: "XX", notation: "-> e <- e ee s es -> s se", lengths: [32, 97, 64] },
];

/** The Noise protocol for a pattern and a cipher. */
export interface NativeProtocol extends Protocol {
  readonly cipher: RecordSuite;
  readonly cipherName: CipherName;
}

/** Returns the Noise protocol for a pattern and a cipher. It uses the given cryptographic operations. */
export function nativeProtocol(
  { pattern, notation }: NativeProfile,
  cipher: CipherName,
  operations: NoiseOperations,
): NativeProtocol {
  const { aead, recordAead, x25519 } = operations;
  return {
    name: `Noise_${pattern}_25519_${cipher}_SHA256`,
    pattern: readPattern(pattern, notation),
    dh: x25519,
    cipher: { aead, recordAead, littleEndianNonce: cipher === "ChaChaPoly" },
    cipherName: cipher,
    hash: sha256,
  };
}

/** Options of both sides of a native handshake. */
export interface NativeOptions {
  /** The cipher; both sides must choose the same. */
  readonly cipher: CipherName;
  /** The cryptographic operations, for this cipher. */
  readonly operations: NoiseOperations;
  /** Compression of messages. It is negotiated in the handshake and applied above the session. */
  readonly compression: CompressionOffer;
  /** The source of ephemeral keys; the platform's random generator by default. */
  readonly random?: RandomBytes;
}

/** Returns whether a peer's static key (32 bytes) is trusted. */
export type StaticKeyCheck = (key: Uint8Array) => boolean | Promise<boolean>;

/** Returns an error if the check fails or does not trust the key, or null if it trusts the key. */
export async function keyRefusal(
  check: StaticKeyCheck,
  key: Uint8Array,
  message: string,
): Promise<ChannelError | null> {
  try {
    return await check(key) ? null : new ChannelError("untrusted", message, { direction: "sent" });
  } catch (cause) {
    if (cause instanceof ChannelError) return cause;
    return new ChannelError("untrusted", `${message}: its check failed`, { direction: "sent", cause });
  }
}

/** What a native handshake negotiated. */
export interface NativeInfo {
  /** The Noise protocol's full name. */
  readonly protocol: string;
  /** The cipher of the protocol. */
  readonly cipher: CipherName;
  /** The peer's static key, if it has one. */
  readonly peerKey: Uint8Array | undefined;
  readonly compression: CompressionOffer;
  readonly handshake: HandshakeCost;
}
