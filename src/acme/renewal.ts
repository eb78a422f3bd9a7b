/** When to renew a certificate, by renewal information (RFC 9773) or by its remaining lifetime. */

import { toBase64Url } from "../bytes.ts";
import type { Certificate } from "../x509/certificate/certificate.ts";
import { AcmeObject } from "./json.ts";
import { AcmeError } from "./problem.ts";
import type { AcmeClient } from "./client.ts";

/** The time to renew a certificate, and the time to ask the CA again. */
export interface Renewal {
  /** When the certificate should be renewed. */
  readonly at: Date;
  /** When to ask the CA again; undefined if the CA has no renewal information. */
  readonly askAgain: Date | undefined;
}

const HOUR = 3_600_000;

/** The bounds on a server's Retry-After, in milliseconds (RFC 9773 section 4.3.2). */
const MIN_INTERVAL = HOUR / 60;
const MAX_INTERVAL = 24 * HOUR;
const DEFAULT_INTERVAL = 6 * HOUR;

/** Returns the identifier of a certificate in renewal information and orders (RFC 9773 section 4.1). */
export function certificateId({ extensions, serialNumber }: Certificate): string {
  const { keyIdentifier } = extensions.authorityKeyIdentifier ?? {};
  if (keyIdentifier === undefined) throw new TypeError("the certificate has no authority key identifier");
  return `${toBase64Url(keyIdentifier)}.${toBase64Url(serialNumber)}`;
}

/** Returns the time when a third of the lifetime is left, but no more than 30 days before the certificate expires. */
export function defaultRenewalTime(
  { notBefore, notAfter }: Pick<Certificate, "notBefore" | "notAfter">,
): Date {
  const lifetime = notAfter.getTime() - notBefore.getTime();
  return new Date(notAfter.getTime() - Math.min(lifetime / 3, 30 * 24 * HOUR));
}

/** Asks the CA when to renew. Returns a random time within the CA's window, to spread the load on the CA. */
export async function renewalOf(client: AcmeClient, certificate: Certificate): Promise<Renewal> {
  const { renewalInfo } = client.directory;
  if (renewalInfo === undefined) return { at: defaultRenewalTime(certificate), askAgain: undefined };
  const { body, retryAfter } = await client.get(
    `${renewalInfo.replace(/\/$/, "")}/${certificateId(certificate)}`,
  );
  const window = AcmeObject.parse("renewal information", body).object("suggestedWindow");
  const [start, end] = ["start", "end"].map((member) => Date.parse(window.text(member)));
  if (!(start < end)) throw new AcmeError("the ACME server's renewal window is invalid");
  const interval = retryAfter === undefined ? DEFAULT_INTERVAL : retryAfter.getTime() - Date.now();
  return {
    at: new Date(start + Math.random() * (end - start)),
    askAgain: new Date(Date.now() + Math.min(Math.max(interval, MIN_INTERVAL), MAX_INTERVAL)),
  };
}
