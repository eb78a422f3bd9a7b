/** A client of the setting `key`. */

import type { Wire } from "../wire.ts";
import type { Settlement } from "./establish.ts";
import { keyTrust, rememberKey, tlsAgreement } from "./open_standard.ts";
import { openStandardHandshake } from "./open_standard_client.ts";
import type { KeyClient } from "./security.ts";

/** Asks for this setting and runs its handshake. */
export async function keyHandshake(wire: Wire, security: KeyClient): Promise<Settlement> {
  const session = await openStandardHandshake(wire, security, {
    verifyPeer: keyTrust(security.trust),
    certificateTypes: ["raw", "x509"],
  });
  return {
    session,
    agree: async (maxMessageSize) => {
      await rememberKey(security.trust, session);
      return tlsAgreement(security, session, security.trust !== "anyone", maxMessageSize);
    },
  };
}
