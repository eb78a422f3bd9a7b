/** A bound on the work that a peer's certificates may make: counted, so that it is the same on every machine. */

import { CertificateError } from "../../errors.ts";
import type { PublicKey } from "../keys/public_key.ts";

/** How much work one verification may take. */
export const WORK_LIMITS: Readonly<Record<Work, number>> = {
  /** Signatures verified, each weighed by what its key costs: see `signatureCost`. */
  signatures: 100,
  /** Certificates looked at as the issuer of another, while paths are built. */
  candidates: 5_000,
  /** Names compared with a name constraint. */
  comparisons: 1 << 20,
};

/** A kind of work. */
export type Work = "signatures" | "candidates" | "comparisons";

/** The work of one verification so far. */
export type WorkCounts = { readonly [K in Work]: number };

/** Counts work, and ends it at its limit. */
export class Budget {
  readonly #used: { [K in Work]: number } = { signatures: 0, candidates: 0, comparisons: 0 };

  /** Takes `amount` from what is left; throws a CertificateError, "limit", where that is less. */
  spend(work: Work, amount = 1, depth = 0): void {
    this.#used[work] += amount;
    if (this.#used[work] > WORK_LIMITS[work]) {
      throw new CertificateError(
        "limit",
        depth,
        `the certificates need too much work: more than ${WORK_LIMITS[work]} ${work}`,
      );
    }
  }

  /** What was used so far. */
  get used(): WorkCounts {
    return { ...this.#used };
  }
}

/** What verifying one signature costs, where 1 is about what P-256 takes. */
export function signatureCost(key: PublicKey): number {
  if (key.type !== "ec") return 1;
  return { "P-256": 1, "P-384": 2, "P-521": 4 }[key.curve];
}
