/** The setting `off`: messages without protection. */

import { checkNames } from "../../check.ts";
import { checkCodecOptions } from "../../message/agreed_codec.ts";
import { acceptOff, connectOff, type OffSession } from "../../off/session.ts";
import type { Wire } from "../../wire.ts";
import type { Agreement, NegotiatedSession } from "../establish.ts";
import { agreedCodec, compressionOffer, type CompressionOptions } from "./compression.ts";

/** No protection at all. Both sides must set it explicitly. */
export interface OffSetting extends CompressionOptions {
  /** Names the setting. */
  readonly setting: "off";
}

/**
 * Refuses invalid options.
 *
 * @param option The name under which the caller passed them.
 */
export function checkOffSetting(option: string, setting: OffSetting): void {
  checkNames(option, setting, { setting: true, compression: true, dictionary: true });
  checkCodecOptions(setting);
}

/** Requests this setting and runs its handshake. */
export async function offHandshake(wire: Wire, security: OffSetting): Promise<NegotiatedSession> {
  checkOffSetting("security", security);
  const session = await connectOff(wire, compressionOffer(security, "off"));
  return { session, agree: (maxMessageSize) => offAgreement(security, session, maxMessageSize) };
}

/** Runs the handshake with a client that requests this setting. */
export async function acceptOffSetting(wire: Wire, offer: OffSetting): Promise<NegotiatedSession> {
  const session = await acceptOff(wire, compressionOffer(offer, "off"));
  return { session, agree: (maxMessageSize) => offAgreement(offer, session, maxMessageSize) };
}

function offAgreement(
  options: CompressionOptions,
  { info: { compression, handshake } }: OffSession,
  maxMessageSize: number,
): Agreement {
  return {
    info: {
      setting: "off",
      protocol: "none",
      cipherSuite: "none",
      keyBits: 0,
      framing: "fesa/1",
      compression: compression.mode,
      authenticated: false,
      peer: {},
      handshake,
    },
    ...agreedCodec(compression, options, maxMessageSize),
  };
}
