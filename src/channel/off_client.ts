/** A client of the setting `off`. */

import { connectPlain } from "../off/session.ts";
import type { Wire } from "../wire.ts";
import type { Settlement } from "./establish.ts";
import { compressionOffer, plainAgreement } from "./light.ts";
import type { OffSetting } from "./security.ts";

/** Asks for this setting and runs its handshake. */
export async function offHandshake(wire: Wire, security: OffSetting): Promise<Settlement> {
  const session = await connectPlain(wire, compressionOffer(security));
  return { session, agree: (maxMessageSize) => plainAgreement(security, session, maxMessageSize) };
}
