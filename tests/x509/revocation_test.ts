/** Revocation by lists and OCSP responses. */

import { constructed, der } from "../../src/asn1/mod.ts";
import { toHex } from "../../src/bytes.ts";
import { extendedKeyUsage, extension } from "../../src/x509/issuing/encode.ts";
import { encodeGeneralName } from "../../src/x509/names/general_name.ts";
import {
  type Certificate,
  CertificateError,
  type CertificateReason,
  createRevocationList,
  parseCertificate,
  parseOcspResponse,
  parseRevocationList,
  parseRevocationLists,
  readRevocationLists,
  type RevocationList,
  verifyCertificate,
  type VerifyOptions,
} from "../../src/x509/mod.ts";
import { rsa2048, rsa3072 } from "../_kit/keys.ts";
import { assert, channelError, test } from "../_kit/mod.ts";
import { known, make, makeRoot, makeServer, options } from "./_make.ts";
import { type ListFields, makeList } from "./_crl.ts";
import { CA, makeResponse, type ResponseFields, SERVER } from "./_ocsp.ts";

const ROOT = makeRoot("CN=Root", rsa2048);
const CHAIN = [SERVER, CA];
const OCSP_SIGNING = "1.3.6.1.5.5.7.3.9";

function refused(evidence: Partial<VerifyOptions>, reason: CertificateReason, depth: number): void {
  assert.throws(() => verifyCertificate(CHAIN, options([ROOT], evidence)), (error) => {
    assert.ok(error instanceof CertificateError, String(error));
    assert.deepEqual([error.reason, error.depth], [reason, depth], error.message);
    return true;
  });
}

function list(fields: ListFields = {}): RevocationList {
  return parseRevocationList(makeList(fields));
}

const ROOT_LIST = list({ issuer: ROOT, signer: rsa2048 });

test("certificates in a list are refused, and in hard mode the others are shown to be good", () => {
  refused({ crls: [list({ serialNumbers: [1, 42] })] }, "revoked", 0);
  refused({ crls: [list({ issuer: ROOT, signer: rsa2048, serialNumbers: [7] })] }, "revoked", 1);
  verifyCertificate(CHAIN, options([ROOT], { crls: [list({ serialNumbers: [41, 7] })] }));
  verifyCertificate(CHAIN, options([ROOT], { crls: [list(), ROOT_LIST], revocation: "hard" }));
  verifyCertificate(CHAIN, options([ROOT], { crls: [list({ serialNumbers: [42] })], revocation: "off" }));
  refused({ crls: [list()], revocation: "hard" }, "revocation_unknown", 1);
  refused({ crls: [ROOT_LIST], revocation: "hard" }, "revocation_unknown", 0);
  refused({ revocation: "hard" }, "revocation_unknown", 0);
});

test("a forged list, or one of another issuer, shows nothing", () => {
  for (const fields of [{ signer: rsa3072 }, { issuer: ROOT }]) {
    const crls = [list({ ...fields, serialNumbers: [42] }), ROOT_LIST];
    verifyCertificate(CHAIN, options([ROOT], { crls }));
    refused({ crls, revocation: "hard" }, "revocation_unknown", 0);
  }
});

test("an outdated list, or one out of scope, shows no certificate to be good, but its revocations count", () => {
  const scope = (...fields: Uint8Array[]) => [extension("2.5.29.28", true, der.sequence(...fields))];
  const flag = (number: number) => der.implicit(number, der.boolean(true));
  const point = (url: string) =>
    der.explicit(0, der.implicit(0, der.sequence(encodeGeneralName({ type: "uri", value: url }))));
  const partial: ListFields[] = [
    { nextUpdate: "2025-05-31T00:00:00Z" },
    { thisUpdate: "2025-06-02T00:00:00Z" },
    { nextUpdate: null },
    { extensions: scope(flag(2)) }, // CAs only
    { extensions: scope(point("http://host.example/1.crl")) },
    { extensions: scope(der.implicit(3, der.namedBits([1]))) }, // one reason only
  ];
  for (const fields of partial) {
    refused({ crls: [list(fields), ROOT_LIST], revocation: "hard" }, "revocation_unknown", 0);
    refused({ crls: [list({ ...fields, serialNumbers: [42] })] }, "revoked", 0);
  }
  const age = { crls: [list({ nextUpdate: null }), ROOT_LIST], revocation: "hard" } as const;
  verifyCertificate(CHAIN, options([ROOT], { ...age, maximumAgeDays: 32 }));
  refused({ ...age, maximumAgeDays: 30 }, "revocation_unknown", 0);
  refused({ crls: [list({ extensions: scope(flag(1)), serialNumbers: [42] })] }, "revoked", 0); // users only
});

test("a list with a distribution point covers the certificates that name it", () => {
  const url = encodeGeneralName({ type: "uri", value: "http://host.example/1.crl" });
  const name = der.explicit(0, der.implicit(0, der.sequence(url)));
  const server = makeServer({
    issuer: "CN=CA",
    serialNumber: 42,
    extensions: [known("crlDistributionPoints", der.sequence(der.sequence(name)))],
  });
  const crls = [
    list({ serialNumbers: [42], extensions: [extension("2.5.29.28", true, der.sequence(name))] }),
  ];
  assert.throws(() => verifyCertificate([server, CA], options([ROOT], { crls })), /revoked/);
});

test("a list signed by a CA that may not sign lists shows nothing", () => {
  const usage = known("keyUsage", der.namedBits([5]), true);
  const ca = make({
    subject: "CN=CA",
    issuer: "CN=Root",
    signer: rsa2048,
    extensions: [known("basicConstraints", der.sequence(der.boolean(true)), true), usage],
  });
  verifyCertificate([SERVER, ca], options([ROOT], { crls: [list({ serialNumbers: [42] })] }));
});

test("lists with unknown critical extensions are refused when they are read", async () => {
  const unusable: ListFields[] = [
    { extensions: [extension("2.5.29.28", true, der.sequence(der.implicit(5, der.boolean(true))))] },
    { extensions: [extension("1.2.3", true, der.nul())] },
    { serialNumbers: [1], entryExtensions: [extension("1.2.3", true, der.nul())] },
    // An entry with an issuer, in a list that is not indirect.
    { serialNumbers: [1], entryExtensions: [extension("2.5.29.29", true, der.sequence(der.nul()))] },
  ];
  for (const fields of unusable) await channelError(() => list(fields), "unsupported");
  list({ extensions: [extension("1.2.3", false, der.nul())] });
  const both = extension(
    "2.5.29.28",
    true,
    der.sequence(der.implicit(1, der.boolean(true)), der.implicit(2, der.boolean(true))),
  );
  await channelError(() => list({ extensions: [both] }), "malformed");
});

test("a text without a list is a wrong file, a list over 8 MiB is refused", async () => {
  await channelError(() => parseRevocationLists(ROOT.pem), "malformed");
  await channelError(() => parseRevocationList(new Uint8Array((1 << 23) + 1).fill(0x30, 0, 1)), "limit");
});

// On workerd each request has its own turns.
const SHARING = ["node", "deno", "bun", "chromium", "firefox", "webkit"] as const;

test("long lists are read in turns", { on: SHARING }, async () => {
  const serialNumbers = Array.from({ length: 5_000 }, (_, i) => i + 1);
  const bytes = makeList({ serialNumbers });
  let others = 0;
  const timer = setInterval(() => others++, 1);
  const [read] = await readRevocationLists(bytes);
  clearInterval(timer);
  assert.ok(others > 0);
  assert.equal([...read.revoked].length, 5_000);
  assert.deepEqual([...read.revoked], [...parseRevocationList(bytes).revoked]);
});

test("what this library issues as a list, it reads", () => {
  const date = new Date("2025-05-01T00:00:00Z");
  const authority = { certificate: ROOT, key: rsa2048 };
  const revoked = [{ serialNumber: Uint8Array.of(7), date, reason: "keyCompromise" as const }];
  const pem = createRevocationList(authority, { revoked, number: 3, now: date });
  const read = parseRevocationList(pem);
  assert.deepEqual([...read.revoked], revoked);
  assert.equal(parseRevocationLists(pem + pem).length, 2);
  assert.equal(read.find(Uint8Array.of(8)), undefined);
});

function ocsp(fields: ResponseFields = {}): Partial<VerifyOptions> {
  return { ocspResponses: [parseOcspResponse(makeResponse(fields))] };
}

test("an OCSP response of the issuer says good or revoked", () => {
  for (const hash of ["SHA-1", "SHA-256"] as const) {
    for (const byName of [false, true]) {
      refused({ ...ocsp({ hash, byName, status: "revoked" }) }, "revoked", 0);
      verifyCertificate(
        CHAIN,
        options([ROOT], { ...ocsp({ hash, byName }), crls: [ROOT_LIST], revocation: "hard" }),
      );
    }
  }
  const evidence = { ...ocsp({ status: "unknown" }), crls: [ROOT_LIST] };
  verifyCertificate(CHAIN, options([ROOT], evidence));
  refused({ ...evidence, revocation: "hard" }, "revocation_unknown", 0);
  // A revocation from any source counts.
  refused({ ...ocsp(), crls: [list({ serialNumbers: [42] })] }, "revoked", 0);
});

test("an OCSP response that is forged or for another certificate shows nothing", () => {
  for (const fields of [{ signer: rsa3072 }, { certificate: CA }, { issuer: ROOT, signer: rsa2048 }]) {
    verifyCertificate(CHAIN, options([ROOT], ocsp({ ...fields, status: "revoked" })));
    refused({ ...ocsp(fields), crls: [ROOT_LIST], revocation: "hard" }, "revocation_unknown", 0);
  }
});

test("an outdated OCSP response shows no certificate to be good, but a revocation counts", () => {
  const old: ResponseFields[] = [
    { thisUpdate: "2025-06-02T00:00:00Z" },
    { nextUpdate: "2025-05-31T12:00:00Z" },
    { thisUpdate: "2025-05-24T00:00:00Z", nextUpdate: null },
  ];
  for (const fields of old) {
    refused({ ...ocsp(fields), crls: [ROOT_LIST], revocation: "hard" }, "revocation_unknown", 0);
    refused(ocsp({ ...fields, status: "revoked" }), "revoked", 0);
  }
  const recent = ocsp({ nextUpdate: null });
  verifyCertificate(CHAIN, options([ROOT], { ...recent, crls: [ROOT_LIST], revocation: "hard" }));
  refused({ ...recent, crls: [ROOT_LIST], revocation: "hard", maximumAgeDays: 0 }, "revocation_unknown", 0);
  refused({ ...ocsp({ nextUpdate: null, status: "revoked" }) }, "revoked", 0);
});

test("only the issuer's delegated responder may sign", () => {
  const responder = (changes: Partial<Parameters<typeof make>[0]> = {}) =>
    make({
      subject: "CN=Responder",
      issuer: "CN=CA",
      key: rsa3072,
      extensions: [extendedKeyUsage([OCSP_SIGNING])],
      ...changes,
    });
  const revoked = (certificate: Certificate) =>
    ocsp({ status: "revoked", responder: certificate, signer: rsa3072 });
  refused(revoked(responder()), "revoked", 0);
  const others = [
    responder({ extensions: [extendedKeyUsage(["1.3.6.1.5.5.7.3.1"])] }),
    responder({ extensions: [] }),
    responder({ extensions: [extendedKeyUsage([OCSP_SIGNING]), extension("1.3.9", true, der.nul())] }),
    responder({ issuer: "CN=Root" }),
    responder({ signer: rsa2048 }),
    responder({ notAfter: "2025-05-01T00:00:00Z" }),
    responder({ notBefore: "2025-07-01T00:00:00Z" }),
  ];
  for (const other of others) verifyCertificate(CHAIN, options([ROOT], revoked(other)));
});

test("a responder's certificate whose key is broken or not supported shows nothing", () => {
  const { der: encoding, spki } = make({
    subject: "CN=Responder",
    issuer: "CN=CA",
    key: rsa3072,
    extensions: [extendedKeyUsage([OCSP_SIGNING])],
  });
  const at = toHex(encoding).indexOf(toHex(spki)) / 2;
  // A malformed algorithm, an unknown one, and a key that is not of whole bytes.
  for (const [offset, byte] of [[4, 0x31], [16, 0x63], [23, 1]]) {
    const broken = encoding.slice();
    broken[at + offset] = byte;
    const responder = parseCertificate(broken);
    for (const status of ["good", "revoked"] as const) {
      const evidence = ocsp({ responder, byName: true, signer: rsa3072, status });
      verifyCertificate(CHAIN, options([ROOT], evidence));
      refused({ ...evidence, crls: [ROOT_LIST], revocation: "hard" }, "revocation_unknown", 0);
    }
  }
});

test("OCSP responses are read strictly", async () => {
  const good = makeResponse();
  parseOcspResponse(good);
  for (const status of [1, 2, 3, 5, 6]) {
    await channelError(() => parseOcspResponse(der.sequence(der.enumerated(status))), "unsupported");
  }
  await channelError(() => parseOcspResponse(der.sequence(der.enumerated(4))), "malformed");
  await channelError(() => parseOcspResponse(der.sequence(der.enumerated(0))), "malformed");
  await channelError(() => parseOcspResponse(new Uint8Array((1 << 18) + 1)), "limit");
  const other = der.sequence(der.oid("1.2.3"), der.octetString(new Uint8Array()));
  await channelError(
    () => parseOcspResponse(der.sequence(der.enumerated(0), der.element(constructed(0), other))),
    "unsupported",
  );
  const critical = makeResponse({ extensions: [extension("1.2.3", true, der.nul())] });
  await channelError(() => parseOcspResponse(critical), "unsupported");
  for (let length = 0; length < good.length; length += 7) {
    await channelError(() => parseOcspResponse(good.subarray(0, length)), "malformed");
  }
});
