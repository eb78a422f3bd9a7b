/** One order, from the names to the certificate (RFC 8555 section 7.4). */

import { equalBytes, toBase64Url } from "../bytes.ts";
import type { PrivateKey } from "../x509/keys/private_key.ts";
import { samePublicKey } from "../x509/keys/public_key.ts";
import { type Certificate, parseCertificates } from "../x509/certificate/certificate.ts";
import { matchesName } from "../x509/certificate/matches_name.ts";
import { createCertificateRequest } from "../x509/issuing/request.ts";
import { parseIpAddress } from "../ip_address.ts";
import type { AcmeAccount } from "./account.ts";
import { challengeOf, type ChallengeSolver } from "./challenges.ts";
import { AcmeObject } from "./json.ts";
import { AcmeError, problemText, readProblem } from "./problem.ts";
import { certificateId } from "./renewal.ts";

/** An order: the names, the key of the certificate, and the solver that proves control. */
export interface Order {
  readonly domains: readonly string[];
  readonly key: PrivateKey;
  readonly solver: ChallengeSolver;
  readonly replaces: Certificate | undefined;
}

/** Orders a certificate, proves control of its names, and downloads it. */
export async function fulfil(account: AcmeAccount, order: Order): Promise<readonly Certificate[]> {
  const { location, body } = await account.post(account.directory.newOrder, {
    identifiers: order.domains.map(identifier),
    ...(order.replaces && { replaces: certificateId(order.replaces) }),
  });
  if (location === undefined) throw new AcmeError("the ACME server does not say where the order is");
  const created = AcmeObject.parse("order", body);
  for (const url of created.list("authorizations")) await authorize(account, order, String(url));

  const ready = await settled(account, location, "order", ["ready", "valid"]);
  const request = createCertificateRequest(order.key, { subject: [], names: order.domains });
  await account.post(ready.text("finalize"), { csr: toBase64Url(request.der) });
  const valid = await settled(account, location, "order", ["valid"]);
  const { body: pem } = await account.post(valid.text("certificate"), null);
  return checkChain(pem, order);
}

/** Returns the identifier of a name (RFC 8555 section 7.1.3; RFC 8738 for addresses). */
function identifier(name: string): { type: string; value: string } {
  return { type: parseIpAddress(name) === undefined ? "dns" : "ip", value: name };
}

/** Proves control of one name. An authorization may be valid already, from an earlier order. */
async function authorize(account: AcmeAccount, { domains, solver }: Order, url: string): Promise<void> {
  const authorization = AcmeObject.parse("authorization", (await account.post(url, null)).body);
  if (authorization.text("status") === "valid") return;
  const domain = authorization.object("identifier").text("value");
  if (!domains.some((ordered) => isSameName(ordered, domain))) {
    throw new AcmeError("the ACME server asks for proof of a name that was not ordered");
  }
  const offered = authorization.list("challenges").map((challenge) => new AcmeObject("challenge", challenge));
  const found = offered.find((challenge) => challenge.text("type") === solver.type);
  if (found === undefined) {
    const types = offered.map((challenge) => challenge.text("type")).join(", ");
    throw new AcmeError(`for ${domain} the CA offers no ${solver.type} challenge, but ${types}`);
  }
  const challenge = challengeOf(solver.type, domain, tokenOf(found), account.key);
  await solver.present(challenge);
  try {
    await account.post(found.text("url"), {});
    await settled(account, url, "authorization", ["valid"]);
  } finally {
    await solver.withdraw(challenge);
  }
}

/** Returns whether an authorization is for an ordered name. The authorization for a wildcard has the name without `*.`. */
function isSameName(ordered: string, authorized: string): boolean {
  const [a, b] = [ordered, authorized].map(parseIpAddress);
  if (a !== undefined && b !== undefined) return equalBytes(a, b);
  return ordered.replace(/^\*\./, "").toLowerCase() === authorized.toLowerCase();
}

/** Returns a challenge's token. Its characters are checked, because it becomes part of a path (section 8.1). */
function tokenOf(challenge: AcmeObject): string {
  const token = challenge.text("token");
  if (!/^[\w-]{22,512}$/.test(token)) throw new AcmeError("the ACME server's challenge has no usable token");
  return token;
}

/** Polls until the object has one of these statuses. */
async function settled(
  account: AcmeAccount,
  url: string,
  name: string,
  wanted: readonly string[],
): Promise<AcmeObject> {
  for (let round = 0;; round++) {
    const { body, retryAfter } = await account.post(url, null);
    const object = AcmeObject.parse(name, body);
    const status = object.text("status");
    if (wanted.includes(status)) return object;
    if (!["pending", "processing", "ready"].includes(status)) throw failure(name, status, object);
    await account.pause(round, retryAfter);
  }
}

/** Returns the error for an order that failed, or for an authorization whose challenge failed. */
function failure(name: string, status: string, object: AcmeObject): AcmeError {
  const challenges = object.raw("challenges");
  const problems = [object.raw("error")].concat(
    Array.isArray(challenges)
      ? challenges.map((challenge) => new AcmeObject("challenge", challenge).raw("error"))
      : [],
  );
  const problem = readProblem(problems.find((one) => one !== undefined));
  return new AcmeError(`the ${name} is ${status.slice(0, 20)}: ${problemText(problem)}`, {
    type: problem.type,
  });
}

/** Refuses a certificate that is for another key or lacks a name. */
function checkChain(pem: string, { domains, key }: Order): readonly Certificate[] {
  const chain = parseCertificates(pem);
  const leaf = chain[0];
  if (leaf === undefined) throw new AcmeError("the ACME server's answer contains no certificate");
  if (!samePublicKey(leaf.publicKey, key)) throw new AcmeError("the certificate is for another key");
  for (const domain of domains) {
    if (!isForDomain(leaf, domain)) throw new AcmeError(`the certificate is not for ${domain}`);
  }
  return chain;
}

/** Returns whether a certificate is for a name that was ordered; a wildcard is compared by one of its names. */
export function isForDomain(certificate: Certificate, domain: string): boolean {
  return matchesName(certificate, domain.replace(/^\*\./, "wildcard."));
}
