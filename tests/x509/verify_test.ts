import { der } from "../../src/asn1/mod.ts";
import { verifyByRoots } from "../../src/channel/settings/certificate/roots.ts";
import { connect } from "../../src/channel/settings/certificate/mod.ts";
import { verifyWithRoots } from "../../src/tls/credentials/roots.ts";
import { memoryPair } from "../../src/transport/memory.ts";
import { basicConstraints, extendedKeyUsage, extension, keyUsage } from "../../src/x509/issuing/encode.ts";
import {
  type Certificate,
  CertificateError,
  type CertificateReason,
  describeCertificate,
  verifyCertificate,
  type VerifyOptions,
} from "../../src/x509/mod.ts";
import { rsa1024, rsa2048, rsa3072 } from "../_kit/keys.ts";
import { assert, test } from "../_kit/mod.ts";
import { known, make, makeCa, makeRoot, makeServer, options, san } from "./_make.ts";

const ROOT = makeRoot("CN=Root", rsa2048);
const CA = makeCa({ subject: "CN=CA", issuer: "CN=Root", signer: rsa2048 });
const SERVER = makeServer({ issuer: "CN=CA" });
const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
const ANY_PURPOSE = "2.5.29.37.0";

function refused(
  chain: readonly Certificate[],
  opts: VerifyOptions,
  reason: CertificateReason,
  depth: number,
): void {
  assert.throws(() => verifyCertificate(chain, opts), (error) => {
    assert.ok(error instanceof CertificateError, String(error));
    assert.deepEqual([error.reason, error.depth], [reason, depth], error.message);
    return true;
  });
}

test("a path is built from certificates in any order, and returned from the end entity up", () => {
  const other = makeCa({ subject: "CN=Other", issuer: "CN=Nobody" });
  const path = verifyCertificate([SERVER, other, ROOT, CA], options([ROOT], { serverName: "host.example" }));
  assert.deepEqual(path.certificates.map(({ subject }) => subject.commonName), ["server", "CA", "Root"]);
  assert.equal(path.root, ROOT);
  assert.deepEqual(path.work, { signatures: 2, candidates: 2, comparisons: 0 });
});

test("a root may be a name with a key", () => {
  const anchor = { subject: ROOT.subject, publicKey: ROOT.publicKey };
  const path = verifyCertificate([SERVER, CA], options([anchor]));
  assert.deepEqual(path.certificates.map(({ subject }) => subject.commonName), ["server", "CA"]);
  assert.equal(path.root, anchor);
  const constrained = {
    ...anchor,
    nameConstraints: { permitted: [{ type: "dns", value: "other" } as const], excluded: [] },
  };
  refused([SERVER, CA], options([constrained]), "name_constraints", 0);
  refused([SERVER, CA], options([anchor], { minimumRsaBits: 2049 }), "weak", 0);
});

test("an end entity that is itself a root is its own path, and all other rules apply", () => {
  assert.deepEqual(verifyCertificate([SERVER], options([SERVER])).certificates, [SERVER]);
  refused([SERVER], options([SERVER], { serverName: "other.example" }), "name_mismatch", 0);
  refused([SERVER], options([SERVER], { now: new Date("2026-01-01T00:00:00Z") }), "expired", 0);
});

test("no path, no chain", () => {
  refused([SERVER], options([ROOT]), "no_path", 0);
  refused([SERVER, CA], options([]), "no_path", 1);
  assert.throws(() => verifyCertificate([], options([ROOT])), TypeError);
  assert.throws(() => verifyCertificate([SERVER, CA], options([ROOT], { now: new Date(NaN) })), RangeError);
  refused([SERVER, CA], options([ROOT], { minimumRsaBits: NaN }), "weak", 0);
  refused([SERVER, CA], options([ROOT], { maximumIntermediates: NaN }), "path_length", 1);
});

test("validity is inclusive at both ends, to the second", () => {
  const at = (now: string) => options([ROOT], { now: new Date(now) });
  verifyCertificate([SERVER, CA], at("2025-01-01T00:00:00.000Z"));
  verifyCertificate([SERVER, CA], at("2025-12-31T23:59:59.999Z"));
  refused([SERVER, CA], at("2024-12-31T23:59:59.999Z"), "not_yet_valid", 0);
  refused([SERVER, CA], at("2026-01-01T00:00:00.000Z"), "expired", 0);
  const expired = makeCa({
    subject: "CN=CA",
    issuer: "CN=Root",
    signer: rsa2048,
    notAfter: "2025-02-01T00:00:00Z",
  });
  refused([SERVER, expired], options([ROOT]), "expired", 1);
  const oldRoot = makeCa({
    subject: "CN=Root",
    issuer: "CN=Root",
    key: rsa2048,
    signer: rsa2048,
    notAfter: "2025-02-01T00:00:00Z",
  });
  refused([SERVER, CA], options([oldRoot]), "expired", 2);
});

test("a signature must be that of the issuer's key", () => {
  refused([makeServer({ issuer: "CN=CA", signer: rsa2048 }), CA], options([ROOT]), "signature", 0);
  refused(
    [SERVER, makeCa({ subject: "CN=CA", issuer: "CN=Root", signer: rsa1024 })],
    options([ROOT]),
    "signature",
    1,
  );
});

test("an issuer must be a CA that may sign certificates, and so many below it", () => {
  const issuer = (...extensions: Uint8Array[]) =>
    make({ subject: "CN=CA", issuer: "CN=Root", signer: rsa2048, extensions });
  refused([SERVER, issuer()], options([ROOT]), "not_a_ca", 1);
  refused([SERVER, issuer(basicConstraints(false))], options([ROOT]), "not_a_ca", 1);
  refused([SERVER, issuer(basicConstraints(true), keyUsage(["cRLSign"]))], options([ROOT]), "key_usage", 1);
  verifyCertificate([SERVER, issuer(basicConstraints(true))], options([ROOT]));
  refused(
    [SERVER, make({ subject: "CN=CA", issuer: "CN=Root", signer: rsa2048, version: 1 })],
    options([ROOT]),
    "not_a_ca",
    1,
  );
});

test("a root of version 1 is a CA because the caller says so", () => {
  const root = make({ subject: "CN=Root", issuer: "CN=Root", key: rsa2048, signer: rsa2048, version: 1 });
  verifyCertificate([SERVER, CA], options([root]));
});

test("path lengths count intermediates that are not self-issued", () => {
  const root = makeCa({
    subject: "CN=Root",
    issuer: "CN=Root",
    key: rsa2048,
    signer: rsa2048,
    pathLength: 0,
  });
  refused([SERVER, CA], options([root]), "path_length", 2);
  const own = makeServer({ issuer: "CN=Root", signer: rsa3072 });
  const rollover = makeCa({
    subject: "CN=Root",
    issuer: "CN=Root",
    key: rsa3072,
    signer: rsa2048,
    pathLength: 0,
  });
  verifyCertificate([own, rollover], options([root]));
  refused([SERVER, CA], options([ROOT], { maximumIntermediates: 0 }), "path_length", 1);
  verifyCertificate([SERVER, CA], options([ROOT], { maximumIntermediates: 1 }));
});

test("extended key usage must allow the use, in the end entity and in CAs that have it", () => {
  const server = (...purposes: string[]) =>
    makeServer({ issuer: "CN=CA", extensions: [extendedKeyUsage(purposes)] });
  const ca = (...purposes: string[]) =>
    makeCa({
      subject: "CN=CA",
      issuer: "CN=Root",
      signer: rsa2048,
      extensions: [extendedKeyUsage(purposes)],
    });
  verifyCertificate([server(CLIENT_AUTH, SERVER_AUTH), ca(ANY_PURPOSE)], options([ROOT]));
  verifyCertificate([server(CLIENT_AUTH), ca(CLIENT_AUTH)], options([ROOT], { usage: "client" }));
  verifyCertificate([server(CLIENT_AUTH), ca(CLIENT_AUTH)], options([ROOT], { usage: "any" }));
  refused([server(CLIENT_AUTH), CA], options([ROOT]), "extended_key_usage", 0);
  refused([server(ANY_PURPOSE), CA], options([ROOT]), "extended_key_usage", 0);
  refused([SERVER, ca(CLIENT_AUTH)], options([ROOT]), "extended_key_usage", 1);
});

test("the end entity's key usage must have the bit that the caller requires", () => {
  const server = makeServer({ issuer: "CN=CA", extensions: [keyUsage(["digitalSignature"])] });
  verifyCertificate([server, CA], options([ROOT], { keyUsage: "digitalSignature" }));
  verifyCertificate([SERVER, CA], options([ROOT], { keyUsage: "keyEncipherment" }));
  refused([server, CA], options([ROOT], { keyUsage: "keyEncipherment" }), "key_usage", 0);
});

test("a client's key must be for signing, whatever the caller asks for", () => {
  const client = (...usages: ("digitalSignature" | "keyEncipherment")[]) =>
    makeServer({ issuer: "CN=CA", extensions: [keyUsage(usages)] });
  verifyCertificate([client("digitalSignature"), CA], options([ROOT], { usage: "client" }));
  verifyCertificate([SERVER, CA], options([ROOT], { usage: "client" }));
  refused([client("keyEncipherment"), CA], options([ROOT], { usage: "client" }), "key_usage", 0);
});

test("critical policies with a qualifier that RFC 5280 does not define are refused (section 4.2.1.4)", () => {
  const policies = (critical: boolean, qualifier: string) => {
    const value = der.sequence(der.sequence(der.oid(qualifier), der.ia5String("http://cps.example/")));
    return known("certificatePolicies", der.sequence(der.sequence(der.oid("1.2.3"), value)), critical);
  };
  const server = (critical: boolean, qualifier: string) =>
    makeServer({ issuer: "CN=CA", extensions: [policies(critical, qualifier)] });
  verifyCertificate([server(true, "1.3.6.1.5.5.7.2.1"), CA], options([ROOT]));
  verifyCertificate([server(false, "1.2.3.4"), CA], options([ROOT]));
  refused([server(true, "1.2.3.4"), CA], options([ROOT]), "unknown_critical_extension", 0);
});

test("the TLS features of a CA bind what is below it (RFC 7633 section 4.2.2)", () => {
  const features = (...numbers: number[]) => [known("tlsFeature", der.sequence(...numbers.map(der.integer)))];
  const ca = (...numbers: number[]) =>
    makeCa({ subject: "CN=CA", issuer: "CN=Root", signer: rsa2048, extensions: features(...numbers) });
  const server = (...numbers: number[]) => makeServer({ issuer: "CN=CA", extensions: features(...numbers) });
  verifyCertificate([server(5, 17), ca(5)], options([ROOT]));
  verifyCertificate([server(5), CA], options([ROOT]));
  refused([SERVER, ca(5)], options([ROOT]), "invalid", 0);
  refused([server(5), ca(5, 17)], options([ROOT]), "invalid", 0);
});

test("violations that other implementations accept are accepted, and inspect warns", () => {
  const pathLength = known("basicConstraints", der.sequence(der.integer(0)), true);
  const falseWritten = der.sequence(
    der.oid("2.5.29.37"),
    der.boolean(false),
    der.octetString(der.sequence(der.oid(SERVER_AUTH))),
  );
  const odd: [Certificate, RegExp][] = [
    [makeServer({ issuer: "CN=CA", extensions: [pathLength] }), /^warning: .*path length without/m],
    [makeServer({ issuer: "CN=CA", extensions: [falseWritten] }), /^warning: .*2\.5\.29\.37 encodes/m],
    [makeServer({ subject: "", issuer: "CN=CA" }), /^warning: the subject is empty/m],
  ];
  for (const [certificate, warning] of odd) {
    verifyCertificate([certificate, CA], options([ROOT]));
    assert.match(describeCertificate(certificate), warning);
  }
  assert.doesNotMatch(describeCertificate(SERVER), /warning/);
});

test("an unknown critical extension refuses the certificate, wherever it is in the path", () => {
  const unknown = extension("1.2.3.4", true, der.nul());
  refused(
    [makeServer({ issuer: "CN=CA", extensions: [unknown] }), CA],
    options([ROOT]),
    "unknown_critical_extension",
    0,
  );
  const ca = makeCa({ subject: "CN=CA", issuer: "CN=Root", signer: rsa2048, extensions: [unknown] });
  refused([SERVER, ca], options([ROOT]), "unknown_critical_extension", 1);
  verifyCertificate([
    makeServer({ issuer: "CN=CA", extensions: [extension("1.2.3.4", false, der.nul())] }),
    CA,
  ], options([ROOT]));
  const identifier = extension("2.5.29.14", true, der.octetString(Uint8Array.of(1)));
  refused([makeServer({ issuer: "CN=CA", extensions: [identifier] }), CA], options([ROOT]), "invalid", 0);
});

test("names that RFC 5280 requires must be present", () => {
  refused([make({ subject: "", issuer: "CN=CA" }), CA], options([ROOT]), "invalid", 0);
  // The subjectAltName should be critical, but no implementation requires it.
  verifyCertificate([makeServer({ subject: "", issuer: "CN=CA" }), CA], options([ROOT]));
  refused([make({ subject: "CN=x", issuer: "" }), CA], options([ROOT]), "invalid", 0);
  const serial = make({
    subject: "CN=x",
    issuer: "CN=CA",
    serialNumber: 1n << 160n,
    extensions: [san({ type: "dns", value: "x" })],
  });
  refused([serial, CA], options([ROOT]), "invalid", 0);
});

test("weak keys and signatures are refused, unless allowed explicitly", () => {
  refused([SERVER, CA], { ...options([ROOT]), minimumRsaBits: undefined }, "weak", 0);
  const server = makeServer({ issuer: "CN=CA", key: rsa2048 });
  refused([server, CA], { ...options([ROOT]), minimumRsaBits: undefined }, "weak", 1);
  const sha1 = makeServer({ issuer: "CN=CA", sha1: true });
  refused([sha1, CA], options([ROOT]), "weak", 0);
  verifyCertificate([sha1, CA], options([ROOT], { allowSha1: true }));
  const sha1Root = makeCa({
    subject: "CN=Root",
    issuer: "CN=Root",
    key: rsa2048,
    signer: rsa2048,
    sha1: true,
  });
  verifyCertificate([SERVER, CA], options([sha1Root])); // a root's own signature does not matter
});

test("a second path is found if the first fails, and the error is that of the first", () => {
  const expired = makeCa({
    subject: "CN=CA",
    issuer: "CN=Root",
    signer: rsa2048,
    notAfter: "2025-02-01T00:00:00Z",
  });
  const crossRoot = makeRoot("CN=Cross", rsa3072);
  const cross = makeCa({ subject: "CN=CA", issuer: "CN=Cross", signer: rsa3072 });
  const path = verifyCertificate([SERVER, expired, cross], options([ROOT, crossRoot]));
  assert.equal(path.root, crossRoot);
  refused([SERVER, expired, cross], options([ROOT]), "expired", 1);
});

test("cycles of cross-signed CAs end", () => {
  const one = makeCa({ subject: "CN=CA", issuer: "CN=Two", signer: rsa3072 });
  const two = makeCa({ subject: "CN=Two", issuer: "CN=CA", key: rsa3072 });
  refused([SERVER, one, two], options([ROOT]), "no_path", 2);
});

test("an unknown value of an option is a TypeError, wherever it is given", async () => {
  for (const revocation of ["Hard", "strict", "", null, true] as unknown as VerifyOptions["revocation"][]) {
    assert.throws(() => verifyCertificate([SERVER, CA], options([ROOT], { revocation })), TypeError);
    assert.throws(() => verifyWithRoots([ROOT], { revocation }), TypeError);
    assert.throws(() => verifyByRoots({ roots: [ROOT], revocation }, "server", 1024, "pure"), TypeError);
    const [near] = memoryPair();
    const security = {
      setting: "certificate",
      roots: [ROOT],
      serverName: "host.example",
      revocation,
    } as const;
    await assert.rejects(() => connect(near, { security }), TypeError);
  }
  for (const usage of ["Server", "sever", "", null] as unknown as VerifyOptions["usage"][]) {
    assert.throws(() => verifyCertificate([SERVER, CA], options([ROOT], { usage })), TypeError);
    assert.throws(() => verifyWithRoots([ROOT], { usage }), TypeError);
  }
  for (const revocation of ["off", "soft", undefined] as const) {
    verifyCertificate([SERVER, CA], options([ROOT], { revocation, usage: undefined }));
  }
});
