/** Keys and certificates of this side's own, as callers give them. */

import type { Credentials } from "../../../tls/credentials/credentials.ts";
import { type Certificate, parseCertificates } from "../../../x509/certificate/certificate.ts";
import { parsePrivateKey } from "../../../x509/keys/key_file.ts";
import type { OwnKey } from "./options.ts";

/** The key of this side, and the certificates that go with it. */
export function ownCredentials({ key, certificates }: OwnKey): Credentials {
  return {
    key: typeof key === "string" ? parsePrivateKey(key) : key,
    certificates: certificates === undefined ? undefined : certificatesOf(certificates, "certificates"),
  };
}

/** The certificates of an option; an empty list is a wrong file rather than a wish. */
export function certificatesOf(
  given: string | readonly Certificate[],
  option: "certificates" | "roots" | "crlIssuers",
): readonly Certificate[] {
  const list = typeof given === "string" ? parseCertificates(given) : given;
  if (list.length === 0) throw new TypeError(`${option} holds no certificate`);
  return list;
}
