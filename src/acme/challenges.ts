/** Challenges (RFC 8555 section 8), by which a client proves control of a name. */

import { toBase64Url, toUtf8 } from "../bytes.ts";
import type { EcPrivateKey } from "../crypto/ec/keys.ts";
import { sha256 } from "../crypto/hash.ts";
import { thumbprint } from "./jws.ts";

/** The kinds of challenge that this library answers. */
export type ChallengeType = "http-01" | "dns-01" | "tls-alpn-01";

/** A challenge that the CA is about to validate. */
export interface Challenge {
  /** The kind of challenge. */
  readonly type: ChallengeType;
  /** The name whose control is proved, without the `*.` of a wildcard. */
  readonly domain: string;
  /** The CA's token. */
  readonly token: string;
  /**
   * The key authorization (section 8.1): the text to serve at `/.well-known/acme-challenge/TOKEN` for http-01. For
   * tls-alpn-01 the certificate contains its digest.
   */
  readonly keyAuthorization: string;
  /** The value of the TXT record `_acme-challenge.DOMAIN` for dns-01 (section 8.4). */
  readonly dnsValue: string;
}

/** Answers challenges of one kind. */
export interface ChallengeSolver {
  /** The kind of challenge that the solver answers. */
  readonly type: ChallengeType;
  /** Makes the answer visible to the CA. Resolves when the CA can see it. */
  present(challenge: Challenge): void | Promise<void>;
  /** Removes the answer. */
  withdraw(challenge: Challenge): void | Promise<void>;
}

/** Returns what a solver needs to answer a challenge. */
export function challengeOf(
  type: ChallengeType,
  domain: string,
  token: string,
  accountKey: EcPrivateKey,
): Challenge {
  const keyAuthorization = `${token}.${thumbprint(accountKey)}`;
  return { type, domain, token, keyAuthorization, dnsValue: toBase64Url(sha256(toUtf8(keyAuthorization))) };
}

const HTTP_PATH = "/.well-known/acme-challenge/";

/**
 * Answers http-01 challenges through the caller's HTTP server, which the CA must reach at port 80.
 *
 * @example
 * ```ts
 * import { HttpChallenges } from "@fesa/channel/acme";
 *
 * const challenges = new HttpChallenges();
 * const answer = (request: Request): Response => {
 *   const text = challenges.answer(new URL(request.url).pathname);
 *   return text === undefined ? new Response("not found", { status: 404 }) : new Response(text);
 * };
 * console.log(answer(new Request("http://server.example/.well-known/acme-challenge/x")).status); // 404
 * ```
 */
export class HttpChallenges implements ChallengeSolver {
  /** The kind of challenge. */
  readonly type = "http-01" as const;
  readonly #answers: Map<string, string> = new Map();

  /** Answers a challenge from now on. */
  present({ token, keyAuthorization }: Challenge): void {
    this.#answers.set(HTTP_PATH + token, keyAuthorization);
  }

  /** Stops answering a challenge. */
  withdraw({ token }: Challenge): void {
    this.#answers.delete(HTTP_PATH + token);
  }

  /** Returns the text to serve at this path, or undefined if no challenge has this path. */
  answer(path: string): string | undefined {
    return this.#answers.get(path);
  }
}
