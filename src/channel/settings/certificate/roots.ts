/** Verifies certificate chains for the setting `certificate`. */

import type { CryptoChoice } from "../../../platform/choose.ts";
import type { VerifyPeer } from "../../../tls/credentials/credentials.ts";
import { verifyWithRoots } from "../../../tls/credentials/roots.ts";
import type { RevocationList } from "../../../x509/revocation/list.ts";
import { systemRoots } from "../../../x509/system_roots.ts";
import { certificatesOf } from "../tls/sources.ts";
import type { ChainTrust } from "./options.ts";

/** The certificates that are trusted, and the parsed revocation lists. */
export interface ParsedTrust extends Omit<ChainTrust, "crls"> {
  readonly crls?: readonly RevocationList[] | undefined;
}

/** Returns a function that verifies that a peer's chain leads to one of the roots. */
export function verifyByRoots(
  { roots, crls, revocation, crlIssuers, maximumAgeDays }: ParsedTrust,
  usage: "server" | "client",
  minimumRsaBits: number | undefined,
  crypto: CryptoChoice,
): VerifyPeer {
  if (revocation !== undefined && !["off", "soft", "hard"].includes(revocation)) {
    throw new TypeError("revocation must be off, soft or hard");
  }
  const trusted = roots === "system" ? systemRoots() : certificatesOf(roots, "roots");
  return verifyWithRoots(trusted, {
    usage,
    minimumRsaBits,
    crls,
    revocation,
    crlIssuers: crlIssuers === undefined ? undefined : certificatesOf(crlIssuers, "crlIssuers"),
    maximumAgeDays,
    crypto,
  });
}
