/** A client of the setting `key`. */

import type { CryptoChoice } from "../../../platform/choose.ts";
import type { Wire } from "../../../wire.ts";
import type { NegotiatedSession } from "../../establish.ts";
import { tlsAgreement } from "../tls/agreement.ts";
import { tlsHandshake } from "../tls/client.ts";
import { checkKeyTrust } from "../tls/check.ts";
import type { KeyClient } from "./options.ts";
import { rememberKey, verifyByKey } from "./verify.ts";

/** Requests this setting and runs its handshake. */
export async function keyHandshake(
  wire: Wire,
  security: KeyClient,
  crypto: CryptoChoice,
): Promise<NegotiatedSession> {
  checkKeyTrust(security.trust);
  const session = await tlsHandshake(wire, security, {
    verifyPeer: verifyByKey(security.trust),
    certificateTypes: ["raw", "x509"],
  }, crypto);
  return {
    session,
    agree: async (maxMessageSize) => {
      await rememberKey(security.trust, session);
      return tlsAgreement(security, session, security.trust !== "anyone", maxMessageSize);
    },
  };
}
