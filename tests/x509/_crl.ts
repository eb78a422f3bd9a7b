/** Makes revocation lists with any contents for tests. */

import { der } from "../../src/asn1/mod.ts";
import { type RsaPrivateKey, signPkcs1 } from "../../src/crypto/rsa/mod.ts";
import { signatureAlgorithm } from "../../src/x509/issuing/encode.ts";
import type { Certificate } from "../../src/x509/mod.ts";
import { rsa1024 } from "../_kit/keys.ts";
import { CA } from "./_ocsp.ts";

/** The contents of a list. By default it has no entries. */
export interface ListFields {
  readonly issuer?: Certificate;
  readonly signer?: RsaPrivateKey;
  readonly serialNumbers?: readonly number[];
  readonly thisUpdate?: string;
  readonly nextUpdate?: string | null;
  readonly extensions?: readonly Uint8Array[];
  readonly entryExtensions?: readonly Uint8Array[];
  /** More entries, each with its own extensions or with an empty list of extensions. */
  readonly entries?: readonly {
    readonly serialNumber: number;
    readonly extensions?: readonly Uint8Array[];
  }[];
}

/** Returns a list of the CA, valid in May and June 2025. */
export function makeList(fields: ListFields = {}): Uint8Array {
  const { issuer = CA, signer = rsa1024, serialNumbers = [], extensions = [], entryExtensions = [] } = fields;
  const { thisUpdate = "2025-05-01T00:00:00Z", nextUpdate = "2025-07-01T00:00:00Z" } = fields;
  const entries = [
    ...serialNumbers.map((serialNumber) => ({
      serialNumber,
      extensions: entryExtensions.length === 0 ? undefined : entryExtensions,
    })),
    ...fields.entries ?? [],
  ].map(({ serialNumber, extensions }) =>
    der.sequence(
      der.integer(serialNumber),
      der.time(new Date("2025-05-01T00:00:00Z")),
      ...(extensions === undefined ? [] : [der.sequence(...extensions)]),
    )
  );
  const tbs = der.sequence(
    der.integer(1),
    signatureAlgorithm(signer),
    issuer.subject.der,
    der.time(new Date(thisUpdate)),
    ...(nextUpdate === null ? [] : [der.time(new Date(nextUpdate))]),
    ...(entries.length === 0 ? [] : [der.sequence(...entries)]),
    ...(extensions.length === 0 ? [] : [der.explicit(0, der.sequence(...extensions))]),
  );
  return der.sequence(tbs, signatureAlgorithm(signer), der.bitString(signPkcs1(signer, "SHA-256", tbs)));
}
