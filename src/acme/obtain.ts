/** Obtains a certificate from a CA in one call, and asks the CA when to renew it. */

import type { EcPrivateKey } from "../crypto/ec/keys.ts";
import { abortedBy } from "../abort.ts";
import { ChannelError } from "../errors.ts";
import type { Certificate } from "../x509/certificate/certificate.ts";
import type { PrivateKey } from "../x509/keys/private_key.ts";
import { type AccountOptions, AcmeAccount } from "./account.ts";
import type { ChallengeSolver } from "./challenges.ts";
import { fulfil } from "./order.ts";
import { type Renewal, renewalOf } from "./renewal.ts";
import { AcmeClient, type Fetch } from "./client.ts";

/** Let's Encrypt's directory. */
export const LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory";

/** The default time limit of a whole call, in milliseconds. */
const DEFAULT_TIMEOUT = 300_000;

/** The CA, the account there, and the limits of a call. */
export interface AcmeOptions extends AccountOptions {
  /** The URL of the CA's directory; Let's Encrypt's by default. */
  readonly directory?: string | undefined;
  /** The account's key, on P-256. Keep it: it identifies the account. */
  readonly accountKey: EcPrivateKey;
  /**
   * Sends HTTP requests; the platform's `fetch` by default. Pass another if the platform does not trust the root of the CA's
   * server.
   */
  readonly fetch?: Fetch | undefined;
  /** Ends the call with a {@link ChannelError} `aborted`. */
  readonly signal?: AbortSignal | undefined;
  /** The time limit of the whole call, in milliseconds; 300,000 by default. After it the call ends with a `timeout` error. */
  readonly timeout?: number | undefined;
}

/** The options of {@link obtainCertificate}. */
export interface ObtainOptions extends AcmeOptions {
  /** DNS names, which may be wildcards (`*.example.com`), or IP addresses. */
  readonly domains: readonly string[];
  /** The private key of the certificate. */
  readonly key: PrivateKey;
  /** Answers the challenges, to prove control of the names. */
  readonly solver: ChallengeSolver;
  /** The certificate that the new one replaces (RFC 9773 section 5). */
  readonly replaces?: Certificate | undefined;
}

/**
 * Obtains a certificate from a CA by ACME (RFC 8555): makes or finds the account, orders, answers the challenges, sends a
 * certificate request, and fetches the chain.
 *
 * @returns The chain, the certificate first.
 * @throws {AcmeError} If the CA refuses, or its answer violates ACME.
 * @throws {ChannelError} `"timeout"`, `"aborted"`, or `"malformed"` if the certificate cannot be read.
 * @throws {TypeError} If `agreeToTerms` is required and not true, `externalAccount` is required and missing, or an option has
 *   the wrong type.
 * @example
 * ```ts
 * import { HttpChallenges, obtainCertificate } from "@fesa/channel/acme";
 * import { type Certificate, generateKey } from "@fesa/channel/x509";
 *
 * async function obtain(domain: string, solver: HttpChallenges): Promise<readonly Certificate[]> {
 *   const [accountKey, key] = [await generateKey("p256"), await generateKey("p256")];
 *   return await obtainCertificate({ accountKey, key, domains: [domain], solver, agreeToTerms: true });
 * }
 * ```
 */
export async function obtainCertificate(options: ObtainOptions): Promise<readonly Certificate[]> {
  const { domains, key, solver, replaces } = options;
  if (!Array.isArray(domains) || domains.length === 0) {
    throw new TypeError("domains must be a non-empty list");
  }
  return await within(options, async (client, signal) => {
    const account = await AcmeAccount.open(client, options, signal);
    return await fulfil(account, { domains, key, solver, replaces });
  });
}

/**
 * Asks the CA when a certificate should be renewed (RFC 9773). If the CA does not say, renewal is due when a third of
 * the certificate's lifetime is left, but no more than 30 days before it expires.
 *
 * @throws {AcmeError} If the CA refuses, or its answer violates RFC 9773.
 * @throws {ChannelError} `"timeout"` or `"aborted"`.
 * @example
 * ```ts
 * import { type AcmeOptions, renewalTime } from "@fesa/channel/acme";
 * import type { Certificate } from "@fesa/channel/x509";
 *
 * async function isDue(options: AcmeOptions, certificate: Certificate): Promise<boolean> {
 *   return (await renewalTime(options, certificate)).at < new Date();
 * }
 * ```
 */
export async function renewalTime(options: AcmeOptions, certificate: Certificate): Promise<Renewal> {
  return await within(options, (client) => renewalOf(client, certificate));
}

/** Runs `work` with a client of the CA, within the time limit and until the signal fires. */
async function within<T>(
  options: AcmeOptions,
  work: (client: AcmeClient, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { directory = LETS_ENCRYPT, accountKey, fetch = globalThis.fetch, timeout = DEFAULT_TIMEOUT } =
    options;
  if (!URL.canParse(directory)) throw new TypeError("directory is not a URL");
  if (accountKey?.type !== "ec" || accountKey.curve !== "P-256") {
    throw new TypeError("accountKey is not an EC key on P-256");
  }
  if (!(timeout > 0)) throw new RangeError("timeout must be a positive number of milliseconds");
  const late = AbortSignal.timeout(Math.min(timeout, 2 ** 31 - 1));
  const signal = options.signal === undefined ? late : AbortSignal.any([options.signal, late]);
  try {
    return await work(await AcmeClient.open(directory, accountKey, fetch, signal), signal);
  } catch (cause) {
    if (!signal.aborted) throw cause;
    throw options.signal?.aborted
      ? abortedBy(options.signal)
      : new ChannelError("timeout", `the CA did not issue a certificate within ${timeout} ms`);
  }
}
