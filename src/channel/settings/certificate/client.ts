/** A client of the setting `certificate`. */

import { lazyModule } from "../../../lazy_module.ts";
import type { CryptoChoice } from "../../../platform/choose.ts";
import type { Wire } from "../../../wire.ts";
import { verifyByRoots } from "./roots.ts";
import type { NegotiatedSession } from "../../establish.ts";
import { tlsAgreement } from "../tls/agreement.ts";
import { tlsHandshake } from "../tls/client.ts";
import type { CertificateClient } from "./options.ts";

const revocationLists = lazyModule(() => import("./revocation_lists.ts"));

/** Requests this setting and runs its handshake. */
export async function certificateHandshake(
  wire: Wire,
  security: CertificateClient,
  crypto: CryptoChoice,
): Promise<NegotiatedSession> {
  if (!security.serverName) throw new TypeError("the setting certificate needs a serverName");
  if (security.roots === undefined) throw new TypeError("the setting certificate needs roots");
  const { crls, minimumKeyBits } = security;
  const lists = crls === undefined ? undefined : (await revocationLists()).revocationListsOf(crls);
  const verifyPeer = verifyByRoots({ ...security, crls: lists }, "server", minimumKeyBits, crypto);
  const session = await tlsHandshake(wire, security, {
    verifyPeer,
    certificateTypes: ["x509"],
  }, crypto);
  return { session, agree: (maxMessageSize) => tlsAgreement(security, session, true, maxMessageSize) };
}
