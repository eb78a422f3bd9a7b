/** What the two sides of a `native` session agreed. */

import type { NoiseSession } from "../../../noise/session.ts";
import type { Agreement } from "../../establish.ts";
import { agreedCodec, type CompressionOptions } from "../compression.ts";

/** Returns what a `native` session agreed, and how messages pass through it. */
export function nativeAgreement(
  options: CompressionOptions,
  { info }: NoiseSession,
  authenticated: boolean,
  maxMessageSize: number,
): Agreement {
  const { protocol, cipher, peerKey, compression, handshake } = info;
  return {
    info: {
      setting: "native",
      protocol,
      cipherSuite: cipher,
      keyBits: 256,
      framing: "fesa/1",
      compression: compression.mode,
      authenticated,
      peer: peerKey ? { staticKey: peerKey } : {},
      handshake,
    },
    ...agreedCodec(compression, options, maxMessageSize),
  };
}
