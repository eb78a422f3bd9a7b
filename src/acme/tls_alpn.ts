/** Answers to tls-alpn-01 challenges (RFC 8737): certificates that a server presents to the CA alone. */

import { toUtf8 } from "../bytes.ts";
import { sha256 } from "../crypto/hash.ts";
import type { Certificate } from "../x509/certificate/certificate.ts";
import { createChallengeCertificate } from "../x509/issuing/challenge_certificate.ts";
import { generateKey, type PrivateKey } from "../x509/keys/private_key.ts";
import type { Challenge, ChallengeSolver } from "./challenges.ts";

/** A security setting for `accept` and `serve` that answers a challenge while the CA validates it. */
export interface TlsAlpnSecurity {
  /** The name of the setting. */
  readonly setting: "certificate";
  /** A key made for the challenge. */
  readonly key: PrivateKey;
  /** The certificate that answers the challenge. */
  readonly certificates: Certificate;
}

/**
 * Answers tls-alpn-01 challenges through a server of this library, which the CA must reach at port 443. Other clients never see
 * the answers: the server presents them only to a client that offers the application protocol `acme-tls/1`.
 *
 * @example
 * ```ts
 * import { type AcceptSecurity, type Channel, serve } from "@fesa/channel";
 * import { TlsAlpnChallenges } from "@fesa/channel/acme";
 * import { listen } from "@fesa/channel/node";
 *
 * const challenges = new TlsAlpnChallenges(); // the solver of obtainCertificate
 * async function start(own: readonly AcceptSecurity[], handler: (channel: Channel) => Promise<void>) {
 *   const security = () => [...challenges.security, ...own];
 *   return serve(await listen({ port: 443 }), { security }, handler);
 * }
 * ```
 */
export class TlsAlpnChallenges implements ChallengeSolver {
  /** The kind of challenge. */
  readonly type = "tls-alpn-01" as const;
  readonly #answers: Map<string, TlsAlpnSecurity> = new Map();

  /** Answers a challenge from now on. */
  async present({ token, domain, keyAuthorization }: Challenge): Promise<void> {
    const key = await generateKey("p256");
    const certificates = createChallengeCertificate(key, domain, sha256(toUtf8(keyAuthorization)));
    this.#answers.set(token, { setting: "certificate", key, certificates });
  }

  /** Stops answering a challenge. */
  withdraw({ token }: Challenge): void {
    this.#answers.delete(token);
  }

  /** The security settings that the server must accept now, in addition to its own. */
  get security(): readonly TlsAlpnSecurity[] {
    return [...this.#answers.values()];
  }
}
