/** Targets: texts of a CA, of an administrator, and of a command line. */
import { type Fetch, HttpChallenges, obtainCertificate, renewalTime } from "../../src/acme/mod.ts";
import { toUtf8 } from "../../src/bytes.ts";
import { parseDestination, parseTarget } from "../../src/cli/endpoint.ts";
import { parseJsonWithComments } from "../../src/cli/server/json_with_comments.ts";
import { checkServerConfig } from "../../src/cli/server/config.ts";
import { generateKey } from "../../src/x509/mod.ts";
import { rsa2048 } from "../_kit/keys.ts";
import { serverCertificate } from "../_kit/pki.ts";
import { type FuzzTarget, jsonOf } from "./_target.ts";

const key = await generateKey("p256", { random: (length) => new Uint8Array(length).fill(7) });
const certificate = serverCertificate(rsa2048);
const BASE = "https://ca.example";

/** The CA's responses, by path. */
interface Answer {
  readonly status?: number;
  readonly location?: string;
  readonly retryAfter?: string;
  readonly body?: unknown;
}

/** A CA whose responses are the members of a JSON object. */
function answersOf(bytes: Uint8Array): Fetch {
  const value = jsonOf(bytes);
  const answers = new Map(Object.entries((value ?? {}) as Record<string, Answer | null>));
  return (url) => {
    const { status, location, retryAfter, body } = answers.get(new URL(url).pathname) ?? {};
    const headers = {
      "replay-nonce": "abc",
      ...(isHeader(location) && { location }),
      ...(isHeader(retryAfter) && { "retry-after": retryAfter }),
    };
    const isStatus = Number.isInteger(status) && status! >= 200 && status! <= 599;
    const isEmpty = [204, 205, 304].includes(status!);
    const text = typeof body === "string" ? body : JSON.stringify(body ?? {});
    return Promise.resolve(
      new Response(isEmpty ? null : text, { status: isStatus ? status! : 200, headers }),
    );
  };
}

function isHeader(value: unknown): value is string {
  return typeof value === "string" && /^[\x20-\x7e]*$/.test(value);
}

const DIRECTORY: Answer = {
  body: {
    newNonce: `${BASE}/nonce`,
    newAccount: `${BASE}/account`,
    newOrder: `${BASE}/order`,
    renewalInfo: `${BASE}/renewal`,
  },
};
const ORDER: Readonly<Record<string, Answer>> = {
  "/": DIRECTORY,
  "/account": { status: 201, location: `${BASE}/account/1`, body: { status: "valid" } },
  "/order": {
    status: 201,
    location: `${BASE}/order/1`,
    body: { status: "pending", authorizations: [`${BASE}/authz`], finalize: `${BASE}/finalize` },
  },
  "/authz": {
    body: {
      status: "valid",
      identifier: { type: "dns", value: "host.example" },
      challenges: [{ type: "http-01", url: `${BASE}/challenge`, token: "a".repeat(40), status: "valid" }],
    },
  },
  "/order/1": { body: { status: "valid", finalize: `${BASE}/finalize`, certificate: `${BASE}/certificate` } },
  "/certificate": { body: certificate.pem },
};
const REFUSAL: Answer = {
  status: 429,
  retryAfter: "60",
  body: { type: "urn:ietf:params:acme:error:rateLimited", detail: "too many", status: 429 },
};
const WINDOW: Answer = {
  retryAfter: "3600",
  body: { suggestedWindow: { start: "2026-01-01T00:00:00Z", end: "2026-01-02T00:00:00Z" } },
};

/** Orders a certificate from a CA, but does not wait if it is pending. */
async function order(bytes: Uint8Array): Promise<void> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), 20);
  try {
    await obtainCertificate({
      directory: `${BASE}/`,
      fetch: answersOf(bytes),
      ...{ accountKey: key, key, domains: ["host.example"], agreeToTerms: true },
      ...{ solver: new HttpChallenges(), signal: controller.signal },
    });
  } finally {
    clearTimeout(timer);
  }
}

const CONFIG = {
  listen: "127.0.0.1:7000",
  forward: "127.0.0.1:80",
  security: [
    {
      setting: "certificate",
      certificate: "c.pem",
      key: "k.pem",
      keyExchange: "either",
      algorithm: ["AES", "3DES"],
    },
    { setting: "key", key: "k.pem", clients: { keys: ["pin.txt"] } },
    { setting: "native", secretFile: "s.txt", compression: "message" },
    { setting: "off" },
  ],
};

/** The tool's errors have the class Error and name the place. An error that JavaScript itself throws is a finding. */
const isPlain = (error: unknown): boolean =>
  error instanceof Error && /^(Error|SyntaxError|UsageError)$/.test(error.constructor.name);

export const TEXT_TARGETS: readonly FuzzTarget[] = [
  {
    name: "acme order",
    run: order,
    refuses: (error) => error instanceof TypeError && /^externalAccount is missing/.test(error.message),
    seeds: [ORDER, { ...ORDER, "/order": REFUSAL }].map((answers) => toUtf8(JSON.stringify(answers))),
  },
  {
    name: "acme renewal",
    run: (bytes) =>
      renewalTime({ directory: `${BASE}/`, accountKey: key, fetch: answersOf(bytes) }, certificate),
    seeds: [WINDOW, REFUSAL].map((answer) => toUtf8(JSON.stringify({ "/": DIRECTORY, "/renewal": answer }))),
  },
  {
    name: "configuration",
    run: (bytes) => checkServerConfig(parseJsonWithComments(new TextDecoder().decode(bytes))),
    refuses: isPlain,
    seeds: [toUtf8(`// a server\n${JSON.stringify(CONFIG, null, 1)}`)],
  },
  {
    name: "endpoint",
    run: (bytes) => {
      const text = new TextDecoder().decode(bytes);
      parseTarget(text);
      parseDestination(text, "the address");
    },
    refuses: isPlain,
    seeds: ["host.example:7000", "[::1]:7000", "wss://host.example/channel"].map((text) => toUtf8(text)),
  },
];
