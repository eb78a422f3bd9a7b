/** The native setting's choice among the Noise protocols, and what its two sides have in common. */

import type { CompressionOffer } from "../preface.ts";
import type { RandomBytes } from "../crypto/random.ts";

/** A pattern of the native setting. */
export type NativePattern = "NN" | "NNpsk0" | "NK" | "KK" | "IK" | "XX";

/** The lengths of a pattern's messages: the second carries the agreed compression mode, one byte, the others nothing. */
export interface NativeProfile {
  readonly pattern: NativePattern;
  readonly lengths: readonly number[];
}

/** The patterns; the place in this list is the request in the preface (0 asks for the setting `off`). */
export const NATIVE_PROFILES: readonly (NativeProfile | undefined)[] = [
  undefined,
  { pattern: "NN", lengths: [32, 49] },
  { pattern: "NNpsk0", lengths: [48, 49] },
  { pattern: "NK", lengths: [48, 49] },
  { pattern: "KK", lengths: [48, 49] },
  { pattern: "IK", lengths: [96, 49] },
  { pattern: "XX", lengths: [32, 97, 64] },
];

/** The full name of a pattern's protocol. */
export function nativeProtocol(pattern: NativePattern): string {
  return `Noise_${pattern}_25519_ChaChaPoly_SHA256`;
}

/** What both sides of a native handshake may be given. */
export interface NativeOptions {
  /** Compression of messages, agreed in the handshake and done above the session. */
  readonly compression: CompressionOffer;
  /** Where ephemeral keys come from; the platform's generator by default. */
  readonly random?: RandomBytes;
}

/** What a native handshake agreed. */
export interface NativeInfo {
  readonly pattern: NativePattern;
  /** The Noise protocol's full name. */
  readonly protocol: string;
  /** The peer's static key, where it has one. */
  readonly peerKey: Uint8Array | undefined;
  /** Names this one handshake (Noise specification, section 11.2). */
  readonly handshakeHash: Uint8Array;
  readonly compression: CompressionOffer;
  /** What the handshake took: milliseconds, and bytes each way. */
  readonly handshake: { readonly milliseconds: number; readonly sent: number; readonly received: number };
}
