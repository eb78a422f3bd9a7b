/**
 * A client of an ACME server: the directory, nonces, signed requests, and responses of bounded size (RFC 8555 sections 6 and
 * 7.1).
 */

import { fromUtf8, join } from "../bytes.ts";
import type { EcPrivateKey } from "../crypto/ec/keys.ts";
import { AcmeObject, parseJson } from "./json.ts";
import { accountJwk, signRequest } from "./jws.ts";
import { AcmeError, problemText, readProblem } from "./problem.ts";

/** The part of the platform's `fetch` that ACME needs. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** The resources of a server (RFC 8555 section 7.1.1). */
export interface Directory {
  readonly newNonce: string;
  readonly newAccount: string;
  readonly newOrder: string;
  /** The URL of renewal information (RFC 9773 section 3). */
  readonly renewalInfo: string | undefined;
  /** The URL of the terms of service. */
  readonly termsOfService: string | undefined;
  /** Whether accounts must be bound to an external account. */
  readonly externalAccountRequired: boolean;
}

/** A complete response of the server. */
export interface AcmeResponse {
  readonly body: string;
  readonly location: string | undefined;
  readonly retryAfter: Date | undefined;
}

/** The largest response that is read, in bytes. A certificate chain takes some kilobytes. */
const MAX_RESPONSE = 2 ** 20;

/** How often a request is sent again after the server refused its nonce (RFC 8555 section 6.5). */
const MAX_NONCE_RETRIES = 5;

/** The User-Agent, which RFC 8555 section 6.1 requires. */
const USER_AGENT = "fesa-channel";

/** A client of one server, with one account key. */
export class AcmeClient {
  readonly directory: Directory;
  readonly key: EcPrivateKey;
  readonly #secure: boolean;
  readonly #fetch: Fetch;
  readonly #signal: AbortSignal | undefined;
  readonly #nonces: string[] = [];

  private constructor(
    directory: Directory,
    key: EcPrivateKey,
    secure: boolean,
    fetch: Fetch,
    signal: AbortSignal | undefined,
  ) {
    this.directory = directory;
    this.key = key;
    this.#secure = secure;
    this.#fetch = fetch;
    this.#signal = signal;
  }

  /** Reads the server's directory, and returns a client with the account key `key`. */
  static async open(
    directoryUrl: string,
    key: EcPrivateKey,
    fetch: Fetch,
    signal: AbortSignal | undefined,
  ): Promise<AcmeClient> {
    const response = await send(fetch, directoryUrl, { method: "GET", signal: signal ?? null });
    const directory = readDirectory((await readResponse(response)).body);
    const secure = new URL(directoryUrl).protocol === "https:";
    return new AcmeClient(directory, key, secure, fetch, signal);
  }

  /** Reads a resource by an unsigned request, such as renewal information. */
  async get(url: string): Promise<AcmeResponse> {
    return await readResponse(await this.#send(url, { method: "GET" }));
  }

  /**
   * Sends a signed request. A `payload` of null reads a resource (POST-as-GET). `account` is the account's URL, or undefined
   * before the account exists.
   */
  async post(url: string, payload: object | null, account: string | undefined): Promise<AcmeResponse> {
    for (let retry = 0;; retry++) {
      const nonce = this.#nonces.pop() ?? await this.#newNonce();
      const identity = account === undefined ? { jwk: accountJwk(this.key) } : { kid: account };
      const body = JSON.stringify(signRequest(this.key, { ...identity, nonce, url }, payload));
      const response = await this.#send(url, {
        method: "POST",
        body,
        headers: { "content-type": "application/jose+json" },
      });
      this.#keepNonce(response);
      try {
        return await readResponse(response);
      } catch (error) {
        const again = error instanceof AcmeError && error.type === "badNonce" && retry < MAX_NONCE_RETRIES;
        if (!again) throw error;
      }
    }
  }

  async #newNonce(): Promise<string> {
    const response = await this.#send(this.directory.newNonce, { method: "HEAD" });
    this.#keepNonce(response);
    const nonce = this.#nonces.pop();
    if (nonce === undefined) throw new AcmeError("the ACME server gave no nonce");
    return nonce;
  }

  #keepNonce({ headers }: Response): void {
    const nonce = headers.get("replay-nonce");
    if (nonce !== null && /^[\w-]{1,256}$/.test(nonce)) this.#nonces.push(nonce);
  }

  /**
   * Sends a request. URLs must be https (RFC 8555 section 6.1), unless the directory itself has an http URL, as a test CA
   * may.
   */
  async #send(url: string, init: RequestInit): Promise<Response> {
    const protocol = URL.canParse(url) ? new URL(url).protocol : undefined;
    if (protocol !== "https:" && (this.#secure || protocol !== "http:")) {
      throw new AcmeError("the ACME server names a URL that is not https");
    }
    return await send(this.#fetch, url, { ...init, signal: this.#signal ?? null });
  }
}

/** Sends a request without following redirects, which could lead to plain http or into the client's own network. */
async function send(fetch: Fetch, url: string, init: RequestInit): Promise<Response> {
  try {
    const headers = { ...init.headers as Record<string, string>, "user-agent": USER_AGENT };
    return await fetch(url, { ...init, headers, redirect: "error" });
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
    throw new AcmeError(
      `the ACME server cannot be reached: ${reason instanceof Error ? reason.message : String(reason)}`,
      { cause },
    );
  }
}

/** Reads a complete response. If its status is not a success, throws the error that it describes. */
async function readResponse(response: Response): Promise<AcmeResponse> {
  const { ok, status, headers } = response;
  const body = await boundedText(response);
  const retryAfter = readRetryAfter(headers.get("retry-after"));
  if (ok) return { body, location: headers.get("location") ?? undefined, retryAfter };
  const problem = readProblem(parseJson(body));
  throw new AcmeError(`the ACME server refuses (status ${status}): ${problemText(problem)}`, {
    type: problem.type,
    status,
    retryAfter,
  });
}

async function boundedText({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = body?.getReader(); // WebKit's streams are not iterable
  for (let read = await reader?.read(); read?.value; read = await reader?.read()) {
    length += read.value.length;
    if (length > MAX_RESPONSE) {
      reader?.cancel().catch(() => {});
      throw new AcmeError(`an answer of the ACME server has over ${MAX_RESPONSE} bytes`);
    }
    chunks.push(read.value);
  }
  try {
    return fromUtf8(join(chunks));
  } catch {
    throw new AcmeError("an answer of the ACME server is not text");
  }
}

/** Reads Retry-After: seconds or a date (RFC 9110 section 10.2.3). */
function readRetryAfter(text: string | null): Date | undefined {
  if (text === null) return undefined;
  const time = /^\d{1,9}$/.test(text) ? Date.now() + Number(text) * 1000 : Date.parse(text);
  return Number.isNaN(time) ? undefined : new Date(time);
}

function readDirectory(body: string): Directory {
  const directory = AcmeObject.parse("directory", body);
  const meta = directory.raw("meta") === undefined ? undefined : directory.object("meta");
  return {
    newNonce: directory.text("newNonce"),
    newAccount: directory.text("newAccount"),
    newOrder: directory.text("newOrder"),
    renewalInfo: directory.optionalText("renewalInfo"),
    termsOfService: meta?.optionalText("termsOfService"),
    externalAccountRequired: meta?.raw("externalAccountRequired") === true,
  };
}
