/** Trust in certificates, as the setting `certificate` names it. */

import type { VerifyPeer } from "../tls/credentials/credentials.ts";
import { verifyWithRoots } from "../tls/credentials/roots.ts";
import type { RevocationList } from "../x509/revocation/list.ts";
import { certificatesOf } from "./open_standard.ts";
import type { ChainTrust } from "./security.ts";

/** Trust in chains that lead to the roots; `crls` are those of the options, parsed. */
export function chainTrust(
  { roots, revocation }: ChainTrust,
  crls: readonly RevocationList[] | undefined,
  usage: "server" | "client",
  minimumRsaBits: number | undefined,
): VerifyPeer {
  return verifyWithRoots(certificatesOf(roots, "roots"), {
    usage,
    minimumRsaBits,
    crls,
    revocation,
  });
}
