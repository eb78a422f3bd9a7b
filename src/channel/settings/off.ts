/** A client of the setting `off`. */

import { connectOff } from "../../off/session.ts";
import type { Wire } from "../../wire.ts";
import type { Settlement } from "../establish.ts";
import { compressionOffer, offAgreement } from "./compression.ts";
import type { OffSetting } from "./mod.ts";

/** Asks for this setting and runs its handshake. */
export async function offHandshake(wire: Wire, security: OffSetting): Promise<Settlement> {
  const session = await connectOff(wire, compressionOffer(security));
  return { session, agree: (maxMessageSize) => offAgreement(security, session, maxMessageSize) };
}
