/**
 * Obtaining and renewing certificates from a CA that supports ACME (RFC 8555), with renewal information (RFC 9773).
 *
 * @example
 * ```ts
 * import { HttpChallenges, obtainCertificate } from "@fesa/channel/acme";
 * import { type Certificate, generateKey } from "@fesa/channel/x509";
 *
 * const challenges = new HttpChallenges(); // your HTTP server at port 80 must serve challenges.answer(path)
 * async function obtain(domain: string): Promise<readonly Certificate[]> {
 *   const [accountKey, key] = [await generateKey("p256"), await generateKey("p256")];
 *   return await obtainCertificate({ accountKey, key, domains: [domain], solver: challenges, agreeToTerms: true });
 * }
 * ```
 *
 * @module
 */

export type { AccountOptions } from "./account.ts";
export { type Challenge, type ChallengeSolver, type ChallengeType, HttpChallenges } from "./challenges.ts";
export type { ExternalAccount } from "./jws.ts";
export {
  type AcmeOptions,
  LETS_ENCRYPT,
  obtainCertificate,
  type ObtainOptions,
  renewalTime,
} from "./obtain.ts";
export { AcmeError, type AcmeErrorOptions } from "./problem.ts";
export type { Renewal } from "./renewal.ts";
export type { Fetch } from "./client.ts";
export { TlsAlpnChallenges, type TlsAlpnSecurity } from "./tls_alpn.ts";
