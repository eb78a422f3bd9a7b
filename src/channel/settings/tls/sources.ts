/** Reads certificates from options. */

import { containsNo, isBytes, wrongType } from "../../../check.ts";
import { type Certificate, parseCertificates } from "../../../x509/certificate/certificate.ts";
import type { CertificateSource } from "../certificate/options.ts";

/** Returns the certificates in an option. Refuses a list or file without any, which is most likely a mistake. */
export function certificatesOf(
  given: CertificateSource,
  option: "certificates" | "roots" | "crlIssuers",
): readonly Certificate[] {
  const list = itemsOf(given).flatMap((item) => {
    if (typeof item === "string" || isBytes(item)) {
      const found = parseCertificates(item);
      if (found.length === 0) throw containsNo("certificate", option, item);
      return found;
    }
    if (typeof item !== "object" || item === null || !("tbs" in item && "spki" in item)) {
      throw wrongType(option, "certificates: objects, or PEM as text or bytes", item);
    }
    return [item];
  });
  if (list.length === 0) throw new TypeError(`${option} contains no certificate`);
  return list;
}

/** Returns the items of an option that is either one value or a list. */
export function itemsOf<T>(given: T | readonly T[]): readonly T[] {
  return Array.isArray(given) ? given : [given as T];
}
