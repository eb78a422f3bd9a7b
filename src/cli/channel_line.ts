/** Describes a channel in one line. */

import type { ChannelInfo } from "../channel/info.ts";

/** Returns what was negotiated, as text. */
export function channelLine(info: ChannelInfo): string {
  const { setting, protocol, cipherSuite, keyBits, compression, authenticated, handshake } = info;
  if (setting === "off") return "off: NOT protected";
  return [
    setting,
    protocol,
    `${cipherSuite} (${keyBits} bits)`,
    `compression ${compression}`,
    authenticated ? "the peer is authenticated" : "the peer is not authenticated",
    `handshake ${handshake.milliseconds.toFixed(1)} ms`,
  ].join(", ");
}
