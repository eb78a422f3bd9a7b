/** Certificates that require a stapled OCSP response (RFC 7633), verified by a TLS client's `verifyPeer`. */

import { der } from "../../src/asn1/mod.ts";
import { type RootsOptions, verifyWithRoots } from "../../src/tls/credentials/roots.ts";
import { CertificateError, type CertificateReason, parseOcspResponse } from "../../src/x509/mod.ts";
import { rsa2048, rsa3072 } from "../_kit/keys.ts";
import { assert, test } from "../_kit/mod.ts";
import { known, makeRoot, makeServer, options } from "./_make.ts";
import { CA, makeResponse, type ResponseFields, SERVER } from "./_ocsp.ts";

const ROOT = makeRoot("CN=Root", rsa2048);
const MUST = makeServer({
  issuer: "CN=CA",
  serialNumber: 43,
  extensions: [known("tlsFeature", der.sequence(der.integer(5)))],
});
const REVOCATIONS = ["off", "soft", "hard", undefined] as const;

async function meet(fields: ResponseFields | undefined, changes: RootsOptions): Promise<void> {
  const verifyPeer = verifyWithRoots([ROOT], { ...options([ROOT]), ...changes });
  const ocspResponse = fields && makeResponse({ certificate: MUST, ...fields });
  await verifyPeer({ type: "x509", chain: [MUST, CA], serverName: "host.example", ocspResponse });
}

async function refused(
  fields: ResponseFields | undefined,
  changes: RootsOptions,
  reason: CertificateReason,
): Promise<void> {
  await assert.rejects(() => meet(fields, changes), (error) => {
    assert.ok(error instanceof CertificateError, String(error));
    assert.deepEqual([error.reason, error.depth], [reason, 0], error.message);
    return true;
  });
}

test("must-staple: a good response suffices, and the setting of revocation then applies", async () => {
  for (const revocation of ["off", "soft", undefined] as const) await meet({}, { revocation });
  // "hard" also requires evidence about the CA, which a server does not staple.
  await assert.rejects(() => meet({}, { revocation: "hard" }), { reason: "revocation_unknown", depth: 1 });
});

test("must-staple: a response that does not show the certificate to be good counts as missing", async () => {
  const useless: (ResponseFields | undefined)[] = [
    undefined,
    { signer: rsa3072 },
    { signer: rsa3072, status: "revoked" },
    { certificate: SERVER },
    { certificate: SERVER, status: "revoked" },
    { issuer: ROOT, signer: rsa2048 },
    { status: "unknown" },
    { nextUpdate: "2025-05-31T00:00:00Z" },
    { nextUpdate: null, thisUpdate: "2025-05-20T00:00:00Z" },
    { thisUpdate: "2025-06-02T00:00:00Z" },
  ];
  for (const revocation of REVOCATIONS) {
    for (const fields of useless) await refused(fields, { revocation }, "revocation_unknown");
  }
});

test("must-staple: a revocation refuses, whatever the setting", async () => {
  const out = { nextUpdate: "2025-05-31T00:00:00Z" };
  for (const revocation of REVOCATIONS) {
    await refused({ status: "revoked" }, { revocation }, "revoked");
    await refused({ status: "revoked", ...out }, { revocation }, "revoked");
  }
});

test("must-staple: the caller's own evidence does not replace a stapled response", async () => {
  const ocspResponses = [parseOcspResponse(makeResponse({ certificate: MUST }))];
  await refused({ signer: rsa3072 }, { ocspResponses }, "revocation_unknown");
  await refused(undefined, { ocspResponses }, "revocation_unknown");
});

test("must-staple: clients staple nothing, and are not asked to", async () => {
  const client = makeServer({
    issuer: "CN=CA",
    extensions: [known("tlsFeature", der.sequence(der.integer(5)))],
  });
  const verifyPeer = verifyWithRoots([ROOT], { ...options([ROOT]), usage: "client" });
  await verifyPeer({ type: "x509", chain: [client, CA], serverName: undefined, ocspResponse: undefined });
});
