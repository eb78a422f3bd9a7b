/** Trust in certificates, as the setting `certificate` names it. */

import type { VerifyPeer } from "../../../tls/credentials/credentials.ts";
import { verifyWithRoots } from "../../../tls/credentials/roots.ts";
import { parseRevocationLists } from "../../../x509/revocation/list.ts";
import { certificatesOf } from "../tls/agreement.ts";
import type { ChainTrust } from "../mod.ts";

/** Trust in chains that lead to the roots. */
export function chainTrust(
  { roots, crls, revocation }: ChainTrust,
  usage: "server" | "client",
  minimumRsaBits: number | undefined,
): VerifyPeer {
  return verifyWithRoots(certificatesOf(roots, "roots"), {
    usage,
    minimumRsaBits,
    crls: typeof crls === "string" ? parseRevocationLists(crls) : crls,
    revocation,
  });
}
