/** A client of the setting `certificate`. */

import { load } from "../load.ts";
import type { Wire } from "../wire.ts";
import type { RevocationList } from "../x509/revocation/list.ts";
import { chainTrust } from "./chain_trust.ts";
import type { Settlement } from "./establish.ts";
import { tlsAgreement } from "./open_standard.ts";
import { openStandardHandshake } from "./open_standard_client.ts";
import type { CertificateClient, ChainTrust } from "./security.ts";

/** Asks for this setting and runs its handshake. */
export async function certificateHandshake(wire: Wire, security: CertificateClient): Promise<Settlement> {
  if (!security.serverName) throw new TypeError("the setting certificate needs a serverName");
  const trust = chainTrust(security, await revocationLists(security), "server", security.minimumKeyBits);
  const session = await openStandardHandshake(wire, security, {
    verifyPeer: trust,
    certificateTypes: ["x509"],
  });
  return { session, agree: (maxMessageSize) => tlsAgreement(security, session, true, maxMessageSize) };
}

/** Few clients have lists of what was revoked, so their format is loaded only where they come as text. */
async function revocationLists({ crls }: ChainTrust): Promise<readonly RevocationList[] | undefined> {
  if (typeof crls !== "string") return crls;
  const parseRevocationLists = await load(
    import("../tls/rare.ts").then(({ parseRevocationLists }) => parseRevocationLists),
  );
  return parseRevocationLists(crls);
}
