/** Makes OCSP responses with any contents for tests, and their certificates. */

import { der, TAG } from "../../src/asn1/mod.ts";
import { hashByName, type HashName } from "../../src/crypto/hash.ts";
import { type RsaPrivateKey, signPkcs1 } from "../../src/crypto/rsa/mod.ts";
import { signatureAlgorithm } from "../../src/x509/issuing/encode.ts";
import type { Certificate } from "../../src/x509/mod.ts";
import { subjectKeyBits } from "../../src/x509/keys/public_key.ts";
import { rsa1024, rsa2048 } from "../_kit/keys.ts";
import { makeCa, makeServer } from "./_make.ts";

/** A CA below `CN=Root`, with the key of 2048 bits. */
export const CA: Certificate = makeCa({
  subject: "CN=CA",
  issuer: "CN=Root",
  signer: rsa2048,
  serialNumber: 7,
});

/** A server that the CA certified. */
export const SERVER: Certificate = makeServer({ issuer: "CN=CA", serialNumber: 42 });

/** The contents of a response. The default is the status "good" on 2025-06-01. */
export interface ResponseFields {
  readonly status?: "good" | "revoked" | "unknown";
  readonly certificate?: Certificate;
  readonly issuer?: Certificate;
  readonly hash?: HashName;
  readonly signer?: RsaPrivateKey;
  readonly responder?: Certificate;
  /** Certificates in the response before the responder's, in DER. */
  readonly others?: readonly Uint8Array[];
  readonly reason?: number;
  readonly byName?: boolean;
  readonly thisUpdate?: string;
  readonly nextUpdate?: string | null;
  readonly extensions?: readonly Uint8Array[];
}

const HASH_OIDS = new Map<HashName, string>([["SHA-1", "1.3.14.3.2.26"], [
  "SHA-256",
  "2.16.840.1.101.3.4.2.1",
]]);

/** Returns an OCSP response for SERVER, signed by CA. */
export function makeResponse(fields: ResponseFields = {}): Uint8Array {
  const { status = "good", certificate = SERVER, issuer = CA, hash = "SHA-1", signer = rsa1024, byName } =
    fields;
  const { others = [], reason = 1 } = fields;
  const { thisUpdate = "2025-05-31T00:00:00Z", nextUpdate = "2025-06-02T00:00:00Z", responder, extensions } =
    fields;
  const digest = hashByName(hash);
  const from = responder ?? issuer;
  const since = der.generalizedTime(new Date("2025-05-01T00:00:00Z"));
  const statuses = {
    good: der.implicit(0, der.nul()),
    revoked: der.implicit(1, der.sequence(since, der.explicit(0, der.enumerated(reason)))),
    unknown: der.implicit(2, der.nul()),
  };
  const tbs = der.sequence(
    byName
      ? der.explicit(1, from.subject.der)
      : der.explicit(2, der.octetString(hashByName("SHA-1")(subjectKeyBits(from.spki)))),
    der.generalizedTime(new Date(thisUpdate)),
    der.sequence(der.sequence(
      der.sequence(
        der.sequence(der.oid(HASH_OIDS.get(hash)!), der.nul()),
        der.octetString(digest(issuer.subject.der)),
        der.octetString(digest(subjectKeyBits(issuer.spki))),
        der.element(TAG.integer, certificate.serialNumber),
      ),
      statuses[status],
      der.generalizedTime(new Date(thisUpdate)),
      ...(nextUpdate === null ? [] : [der.explicit(0, der.generalizedTime(new Date(nextUpdate)))]),
    )),
    ...(extensions === undefined ? [] : [der.explicit(1, der.sequence(...extensions))]),
  );
  const basic = der.sequence(
    tbs,
    signatureAlgorithm(signer),
    der.bitString(signPkcs1(signer, "SHA-256", tbs)),
    ...(responder === undefined ? [] : [der.explicit(0, der.sequence(...others, responder.der))]),
  );
  const bytes = der.sequence(der.oid("1.3.6.1.5.5.7.48.1.1"), der.octetString(basic));
  return der.sequence(der.enumerated(0), der.explicit(0, bytes));
}
