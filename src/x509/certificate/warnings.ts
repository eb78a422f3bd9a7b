/** Warnings about certificates that violate RFC 5280, but are accepted because other implementations accept them. */

import { readDer, TAG } from "../../asn1/mod.ts";
import type { Certificate } from "./certificate.ts";
import { type Extension, EXTENSION_OIDS } from "./extensions.ts";

/** Returns a line for each violation of RFC 5280 in the certificate that this library accepts. */
export function certificateWarnings({ allExtensions, extensions, subject }: Certificate): string[] {
  const { basicConstraints } = extensions;
  const warnings = allExtensions.filter(writesFalse).map(({ oid }) =>
    `the extension ${oid} encodes critical FALSE, which DER omits (X.690 section 11.5)`
  );
  if (basicConstraints?.ca === false && basicConstraints.pathLength !== undefined) {
    warnings.push("basicConstraints has a path length without being a CA (RFC 5280 section 4.2.1.9)");
  }
  const names = allExtensions.find(({ oid }) => oid === EXTENSION_OIDS.subjectAltName);
  if (subject.isEmpty && names?.critical === false) {
    warnings.push("the subject is empty and subjectAltName is not critical (RFC 5280 section 4.2.1.6)");
  }
  return warnings;
}

function writesFalse({ der, critical }: Extension): boolean {
  return !critical && readDer(der, "the extension", (reader) => {
    const fields = reader.sequence();
    fields.oid();
    return fields.has(TAG.boolean);
  });
}
