/** An account at a CA (RFC 8555 section 7.3), which makes orders. */

import type { EcPrivateKey } from "../crypto/ec/keys.ts";
import { bindExternalAccount, type ExternalAccount } from "./jws.ts";
import { AcmeError } from "./problem.ts";
import type { AcmeClient, AcmeResponse, Directory } from "./client.ts";

/** The contact and terms of an account. */
export interface AccountOptions {
  /** An address for messages from the CA, such as a warning that a certificate is about to expire. */
  readonly email?: string | undefined;
  /** Whether you agree to the CA's terms of service; must be true if the CA has any. */
  readonly agreeToTerms?: boolean | undefined;
  /** An existing account with the CA outside ACME, for CAs that require one. */
  readonly externalAccount?: ExternalAccount | undefined;
}

/** The error for an option that this CA requires. */
export class RequiredOptionError extends TypeError {
  readonly option: "agreeToTerms" | "externalAccount";
  /** What to do or know, without the option's name. */
  readonly hint: string;

  constructor(option: RequiredOptionError["option"], problem: string, hint: string) {
    super(`${option} ${problem}: ${hint}`);
    this.option = option;
    this.hint = hint;
  }
}

/** Milliseconds between two polls of the same resource: the first pause, and the longest. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;

/** An account, and requests in its name. */
export class AcmeAccount {
  readonly #client: AcmeClient;
  readonly #url: string;
  readonly #signal: AbortSignal;

  private constructor(client: AcmeClient, url: string, signal: AbortSignal) {
    this.#client = client;
    this.#url = url;
    this.#signal = signal;
  }

  /** Creates the account of the client's key, or returns the existing one. */
  static async open(
    client: AcmeClient,
    options: AccountOptions,
    signal: AbortSignal,
  ): Promise<AcmeAccount> {
    const { newAccount, termsOfService, externalAccountRequired } = client.directory;
    const { email, agreeToTerms, externalAccount } = options;
    if (termsOfService !== undefined && agreeToTerms !== true) {
      const hint = `read ${termsOfService.replace(/[^!-~]/g, "")}`;
      throw new RequiredOptionError("agreeToTerms", "must be true", hint);
    }
    if (externalAccountRequired && externalAccount === undefined) {
      throw new RequiredOptionError("externalAccount", "is missing", "this CA requires one");
    }
    const { location } = await client.post(newAccount, {
      ...(termsOfService !== undefined && { termsOfServiceAgreed: true }),
      ...(email !== undefined && { contact: [`mailto:${email}`] }),
      ...(externalAccount && {
        externalAccountBinding: bindExternalAccount(client.key, newAccount, externalAccount),
      }),
    }, undefined);
    if (location === undefined) throw new AcmeError("the ACME server does not say where the account is");
    return new AcmeAccount(client, location, signal);
  }

  /** The account's key. */
  get key(): EcPrivateKey {
    return this.#client.key;
  }

  /** The server's resources. */
  get directory(): Directory {
    return this.#client.directory;
  }

  /** Sends a signed request; `payload` null reads a resource. */
  async post(url: string, payload: object | null): Promise<AcmeResponse> {
    return await this.#client.post(url, payload, this.#url);
  }

  /**
   * Waits before the next poll: as long as the server asks, within bounds; if it does not ask, a little longer each time.
   */
  async pause(round: number, retryAfter: Date | undefined): Promise<void> {
    const wanted = retryAfter === undefined ? FIRST_PAUSE * 1.5 ** round : retryAfter.getTime() - Date.now();
    await sleep(Math.min(Math.max(wanted, FIRST_PAUSE), LONGEST_PAUSE), this.#signal);
  }
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, milliseconds);
  });
}
