/** What the handshake of a `native` session negotiated. */

import type { NoiseSession } from "../../../noise/session.ts";
import type { Agreement } from "../../establish.ts";
import { agreedCodec, type CompressionOptions } from "../compression.ts";

/** Returns what a `native` session negotiated, and the codec for its messages. */
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
