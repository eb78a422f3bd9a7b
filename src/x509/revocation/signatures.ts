/** Verifies signatures of lists and OCSP responses. */

import { toHex } from "../../bytes.ts";
import { ChannelError } from "../../errors.ts";
import type { Signed } from "../certificate/signed.ts";
import { exportPublicKey, type PublicKey } from "../keys/public_key.ts";
import { signatureScheme } from "../keys/signature_scheme.ts";
import { signatureCost } from "../path/budget.ts";
import type { Steps } from "../steps.ts";
import type { Validation } from "../path/validation.ts";

/** For each structure, the keys whose signature was verified, so that a long list is not verified again for each peer. */
const SIGNERS = new WeakMap<Signed, Set<string>>();

/** Returns whether evidence has a valid signature by a key. */
export function* isSigned(
  signed: Signed,
  key: PublicKey,
  { rules, budget }: Validation,
  depth: number,
): Steps<boolean> {
  try {
    const scheme = signatureScheme(signed.signatureAlgorithm);
    if (scheme.hash === "SHA-1" && !rules.allowSha1) return false;
    const signers = SIGNERS.get(signed) ?? new Set();
    const id = toHex(exportPublicKey(key));
    if (signers.has(id)) return true;
    budget.spend("signatures", signatureCost(key), depth);
    const answer = rules.verifySignature(key, scheme, signed.tbs, signed.signature);
    yield;
    if (answer) SIGNERS.set(signed, signers.add(id));
    return answer;
  } catch (error) {
    // An unsupported key or signature proves nothing.
    if (error instanceof ChannelError && error.code !== "certificate") return false;
    throw error;
  }
}
