/**
 * Bounds on the work that a peer's certificates can cause. The bounds are counts instead of times, so they are the same on
 * every machine.
 */

import { CertificateError } from "../../errors.ts";
import type { PublicKey } from "../keys/public_key.ts";

/** The most work of each kind in one verification. */
export const WORK_LIMITS: Readonly<Record<Work, number>> = {
  /** Signatures verified, weighted by the cost of the key: see `signatureCost`. */
  signatures: 100,
  /** Certificates considered as issuers while paths are built. */
  candidates: 5_000,
  /** Names compared with a name constraint. */
  comparisons: 1 << 20,
};

/** A kind of work. */
export type Work = "signatures" | "candidates" | "comparisons";

/** The work of one verification so far. */
export type WorkCounts = { readonly [K in Work]: number };

/** Counts work, and throws when a limit is reached. */
export class Budget {
  readonly #used: { [K in Work]: number } = { signatures: 0, candidates: 0, comparisons: 0 };

  /** Counts `amount` units of work. Throws a CertificateError `"limit"` if the limit would be exceeded. */
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

  /** The work done so far. */
  get used(): WorkCounts {
    return { ...this.#used };
  }
}

/** Returns the cost of verifying one signature, relative to P-256. */
export function signatureCost(key: PublicKey): number {
  if (key.type !== "ec") return 1;
  return { "P-256": 1, "P-384": 2, "P-521": 4 }[key.curve];
}
