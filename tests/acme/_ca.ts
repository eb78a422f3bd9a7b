/** An ACME CA for tests. It is reached through its own `fetch`, checks the requests, and can be made to misbehave. */

import { p256 } from "@noble/curves/nist.js";
import type { Fetch } from "../../src/acme/mod.ts";
import { concat, fromBase64Url, fromUtf8, toUtf8 } from "../../src/bytes.ts";
import {
  type Certificate,
  type CertificateAuthority,
  createCertificateAuthority,
  issueCertificate,
  parseCertificateRequest,
} from "../../src/x509/mod.ts";
import { rsa2048 } from "../_kit/keys.ts";
import { assert } from "../_kit/mod.ts";

/** For each path of a request, a wrong behaviour of the CA. */
export type Faults = Readonly<Record<string, () => Response | undefined>>;

export interface TestCaOptions {
  /** The base of the CA's URLs; `https://ca.example` by default. */
  readonly base?: string;
  /** Fetches the answer to a challenge for the CA, and returns its text. */
  readonly look: (path: string) => string | undefined | Promise<string | undefined>;
  readonly faults?: Faults;
  /** The challenges that the CA offers; dns-01 and http-01 by default. */
  readonly challenges?: readonly string[];
  /** The renewal window of certificates; by default the CA has no renewal information. */
  readonly renewalWindow?: () => { readonly start: string; readonly end: string };
  readonly meta?: object;
  /** The names to certify in place of the requested names. */
  readonly certify?: readonly string[];
}

interface Request {
  readonly path: string;
  readonly jwk: { readonly x: string; readonly y: string } | undefined;
  // deno-lint-ignore no-explicit-any
  readonly payload: any;
}

export class TestCa {
  /** The paths of the requests so far. */
  readonly requests: string[] = [];
  readonly #base: string;
  readonly #options: TestCaOptions;
  readonly #authority: CertificateAuthority;
  readonly #nonces: Set<string> = new Set();
  readonly #names: string[] = [];
  readonly #controlled: Set<number> = new Set();
  #account: Request["jwk"];
  #problem: string | undefined;
  #chain: string | undefined;
  /** The external account binding of the new account. */
  binding: { protected: string; payload: string; signature: string } | undefined;

  private constructor(authority: CertificateAuthority, options: TestCaOptions) {
    this.#authority = authority;
    this.#options = options;
    this.#base = options.base ?? "https://ca.example";
  }

  /** The root of the CA's certificates. */
  get root(): Certificate {
    return this.#authority.certificate;
  }

  get directory(): string {
    return `${this.#base}/directory`;
  }

  static async make(options: TestCaOptions): Promise<TestCa> {
    return new TestCa(await createCertificateAuthority({ subject: "CN=Test CA", key: rsa2048 }), options);
  }

  readonly fetch: Fetch = async (url, init) => {
    init.signal?.throwIfAborted();
    assert.equal(init.redirect, "error");
    assert.ok(url.startsWith(this.#base), `a request for ${url}`);
    const path = url.slice(this.#base.length);
    this.requests.push(path);
    const response = this.#options.faults?.[path]?.() ??
      (init.method === "POST" ? await this.#post(path, url, init) : this.#get(path));
    const nonce = `nonce-${this.requests.length}`;
    this.#nonces.add(nonce);
    response.headers.set("replay-nonce", nonce);
    return response;
  };

  #get(path: string): Response {
    switch (path) {
      case "/directory":
        return Response.json({
          newNonce: `${this.#base}/nonce`,
          newAccount: `${this.#base}/account`,
          newOrder: `${this.#base}/order`,
          renewalInfo: `${this.#base}/renewal`,
          meta: { termsOfService: "https://ca.example/terms", ...this.#options.meta },
        });
      case "/nonce":
        return new Response(null);
      default: {
        const window = path.startsWith("/renewal/") && this.#options.renewalWindow?.();
        return window
          ? Response.json({ suggestedWindow: window })
          : new Response("no such thing", { status: 404 });
      }
    }
  }

  async #post(path: string, url: string, { body, headers }: RequestInit): Promise<Response> {
    assert.equal(new Headers(headers).get("content-type"), "application/jose+json");
    const { payload } = this.#verify(path, url, JSON.parse(String(body)));
    switch (path) {
      case "/account":
        this.binding = payload.externalAccountBinding;
        return Response.json({ status: "valid" }, {
          status: 201,
          headers: { location: `${this.#base}/account/1` },
        });
      case "/order":
        this.#names.push(...payload.identifiers.map(({ value }: { value: string }) => value));
        return Response.json(this.#order(), { status: 201, headers: { location: `${this.#base}/order/1` } });
      case "/order/1":
        return Response.json(this.#order());
      case "/finalize":
        return this.#finalize(payload.csr);
      case "/certificate":
        return new Response(this.#chain);
      default: {
        const index = Number(path.split("/").at(-1));
        return path.startsWith("/challenge/")
          ? this.#validate(index)
          : Response.json(this.#authorization(index));
      }
    }
  }

  /** Verifies a request's signature (RFC 8555 section 6.2) with another implementation of ECDSA. */
  #verify(
    path: string,
    url: string,
    jws: { protected: string; payload: string; signature: string },
  ): Request {
    const header = JSON.parse(fromUtf8(fromBase64Url(jws.protected)));
    assert.equal(header.alg, "ES256");
    assert.equal(header.url, url);
    assert.ok(this.#nonces.delete(header.nonce), "a nonce is used twice");
    if (path === "/account") this.#account = header.jwk;
    else assert.equal(header.kid, `${this.#base}/account/1`);
    const { x, y } = this.#account!;
    const point = concat(Uint8Array.of(4), fromBase64Url(x), fromBase64Url(y));
    const signed = toUtf8(`${jws.protected}.${jws.payload}`);
    assert.ok(p256.verify(fromBase64Url(jws.signature), signed, point, { lowS: false }), "the signature");
    const payload = jws.payload === "" ? null : JSON.parse(fromUtf8(fromBase64Url(jws.payload)));
    return { path, jwk: header.jwk, payload };
  }

  #order(): object {
    const ready = this.#names.every((_, i) => this.#controlled.has(i));
    return {
      status: this.#chain ? "valid" : ready ? "ready" : "pending",
      authorizations: this.#names.map((_, i) => `${this.#base}/authorization/${i}`),
      finalize: `${this.#base}/finalize`,
      certificate: this.#chain && `${this.#base}/certificate`,
    };
  }

  #authorization(index: number): object {
    return {
      status: this.#problem ? "invalid" : this.#controlled.has(index) ? "valid" : "pending",
      identifier: { type: "dns", value: this.#names[index].replace("*.", "") },
      challenges: (this.#options.challenges ?? ["dns-01", "http-01"]).map((type) => ({
        type,
        url: `${this.#base}/challenge/${index}`,
        token: token(index),
        error: this.#problem && { type: "urn:ietf:params:acme:error:unauthorized", detail: this.#problem },
      })),
    };
  }

  async #validate(index: number): Promise<Response> {
    const expected = token(index);
    const answer = await this.#options.look(`/.well-known/acme-challenge/${expected}`);
    if (answer?.startsWith(`${expected}.`)) this.#controlled.add(index);
    else this.#problem = "nobody answers\nat the name";
    return Response.json({ status: "processing" });
  }

  #finalize(csr: string): Response {
    const request = parseCertificateRequest(fromBase64Url(csr));
    const names = this.#options.certify ?? this.#names;
    this.#chain = issueCertificate(this.#authority, request, { days: 90, names: [...names] }).pem +
      this.#authority.certificate.pem;
    return Response.json({ status: "processing" });
  }
}

function token(index: number): string {
  return `${"t".repeat(30)}${index}`;
}
