/** The choice among several failures, and the helpfulness of the message. */

import { der } from "../../src/asn1/mod.ts";
import {
  type Certificate,
  CertificateError,
  type CertificateReason,
  verifyCertificate,
  type VerifyOptions,
} from "../../src/x509/mod.ts";
import type { RsaPrivateKey } from "../../src/crypto/rsa/mod.ts";
import { rsa1024, rsa2048, rsa3072 } from "../_kit/keys.ts";
import { assert, test } from "../_kit/mod.ts";
import { type Fields, known, make, makeCa, makeServer, options, san } from "./_make.ts";

/** Key identifiers of the keys, as CAs compute them. */
const IDS = new Map<RsaPrivateKey, number>([[rsa1024, 1], [rsa2048, 2], [rsa3072, 3]]);
const idOf = (key: RsaPrivateKey) => der.octetString(Uint8Array.of(IDS.get(key)!));
const identifiers = (key: RsaPrivateKey, signer: RsaPrivateKey) => [
  known("subjectKeyIdentifier", idOf(key)),
  known("authorityKeyIdentifier", der.sequence(der.implicit(0, idOf(signer)))),
];

function ca(fields: Omit<Fields, "extensions"> & { key: RsaPrivateKey; signer: RsaPrivateKey }): Certificate {
  return makeCa({ ...fields, extensions: identifiers(fields.key, fields.signer) });
}

const SERVER = makeServer({
  issuer: "CN=CA",
  signer: rsa1024,
  extensions: identifiers(rsa1024, rsa1024),
});
const CA = ca({ subject: "CN=CA", issuer: "CN=Root", key: rsa1024, signer: rsa2048 });
const ROOT = ca({ subject: "CN=Root", issuer: "CN=Root", key: rsa2048, signer: rsa2048 });
const NEW_ROOT = ca({ subject: "CN=Root", issuer: "CN=Root", key: rsa3072, signer: rsa3072 });

function fails(
  chain: readonly Certificate[],
  opts: VerifyOptions,
  reason: CertificateReason,
  depth: number,
  message: RegExp,
): void {
  assert.throws(() => verifyCertificate(chain, opts), (error) => {
    assert.ok(error instanceof CertificateError, String(error));
    assert.deepEqual([error.reason, error.depth], [reason, depth], error.message);
    assert.match(error.message, message);
    return true;
  });
}

test("failures: a CA with a new key under its old name gives no path, a forgery a bad signature", () => {
  fails([SERVER, CA], options([NEW_ROOT]), "no_path", 1, /CN=Root, is present only with another key/);
  const forged = ca({ subject: "CN=CA", issuer: "CN=Root", key: rsa1024, signer: rsa1024 });
  const claiming = makeCa({
    subject: "CN=CA",
    issuer: "CN=Root",
    key: rsa1024,
    signer: rsa1024,
    extensions: identifiers(rsa1024, rsa2048),
  });
  fails([SERVER, forged], options([ROOT]), "no_path", 1, /another key/);
  fails([SERVER, claiming], options([ROOT]), "signature", 1, /not signed by its issuer's key/);
});

test("failures: the failure of the path that is signed is reported, whatever comes first", () => {
  const dates = { notBefore: "2010-01-01T00:00:00Z", notAfter: "2021-09-30T14:01:15Z" };
  const expired = ca({ subject: "CN=Root", issuer: "CN=Root", key: rsa2048, signer: rsa2048, ...dates });
  for (const roots of [[expired], [NEW_ROOT, expired], [expired, NEW_ROOT]]) {
    fails([SERVER, CA], options(roots), "expired", 2, /expired at 2021-09-30/);
  }
  const old = ca({ subject: "CN=CA", issuer: "CN=Root", key: rsa1024, signer: rsa2048, ...dates });
  const other = ca({ subject: "CN=CA", issuer: "CN=Nobody", key: rsa1024, signer: rsa3072 });
  fails([SERVER, other, old], options([ROOT]), "expired", 1, /expired at 2021-09-30/);
});

test("failures: the error names the missing issuer", () => {
  fails([SERVER], options([ROOT]), "no_path", 0, /the issuer of CN=server, CN=CA, is missing/);
  fails([SERVER, CA], options([]), "no_path", 1, /the issuer of CN=CA, CN=Root, is missing/);
  fails([SERVER, CA, ROOT], options([]), "no_path", 2, /CN=Root is not among the roots/);
});

test("failures: a wrong name lists the certificate's names, but not thousands", () => {
  const wrong = options([ROOT], { serverName: "other.example" });
  fails([SERVER, CA], wrong, "name_mismatch", 0, /is not for "other.example": it is for DNS:host.example$/);
  const names = Array.from({ length: 500 }, (_, i) => ({ type: "dns", value: `h${i}.example` }) as const);
  const many = make({ subject: "CN=x", issuer: "CN=CA", extensions: [san(...names)] });
  fails([many, CA], wrong, "name_mismatch", 0, /DNS:h0\.example, .*DNS:h9\.example and 490 more$/);
  const none = make({ subject: "CN=x", issuer: "CN=CA" });
  fails([none, CA], wrong, "name_mismatch", 0, /it has no subjectAltName$/);
});

test("failures: a chain that begins with a CA is said to do so", () => {
  const named = options([ROOT], { serverName: "host.example" });
  fails(
    [CA, SERVER],
    named,
    "name_mismatch",
    0,
    /first certificate is that of a CA, CN=CA: the end entity's/,
  );
});
