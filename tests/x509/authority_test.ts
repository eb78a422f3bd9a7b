import { assert, channelError, test } from "../_kit/mod.ts";
import { rsa1024, rsa2048, rsa3072 } from "../_kit/keys.ts";
import { OpenSsl } from "../_kit/openssl.ts";
import { der } from "../../src/asn1/mod.ts";
import { fromHex, toHex } from "../../src/bytes.ts";
import { CertificateError } from "../../src/errors.ts";
import { basicConstraints, extension, keyUsage } from "../../src/x509/issuing/encode.ts";
import { selfIssuer } from "../../src/x509/issuing/issue.ts";
import { makeCertificate } from "../../src/x509/issuing/make_certificate.ts";
import {
  type CertificateAuthority,
  type CertificateRequest,
  createCertificateAuthority,
  createCertificateRequest,
  createRevocationList,
  createSelfSignedCertificate,
  exportPrivateKey,
  generateKey,
  issueCertificate,
  type IssueOptions,
  parseCertificate,
  parseCertificateRequest,
  parseRevocationList,
  verifyCertificate,
} from "../../src/x509/mod.ts";

const now = new Date("2026-06-15T12:00:00Z");

async function makeRoot(): Promise<CertificateAuthority> {
  return await createCertificateAuthority({ subject: "CN=Root,O=Firm", key: rsa2048, now });
}

const request = createCertificateRequest(rsa2048, {
  subject: "CN=server.example,O=Firm",
  names: ["server.example", "192.0.2.1"],
  keyUsage: ["keyCertSign"],
  extendedKeyUsage: ["2.5.29.37.0"],
});

test("authority: the profile alone determines the use of a key, whatever the request asks for", async () => {
  const root = await makeRoot();
  const issue = (options: IssueOptions) => issueCertificate(root, request, { now, ...options }).extensions;
  const server = issue({});
  assert.deepEqual(server.basicConstraints, { ca: false, pathLength: undefined });
  assert.deepEqual([...server.keyUsage!], ["digitalSignature", "keyEncipherment"]);
  assert.deepEqual(server.extendedKeyUsage, ["1.3.6.1.5.5.7.3.1"]);
  assert.deepEqual(server.subjectAltName, request.names);
  const client = issue({ profile: "client", names: ["email:a@b.example"] });
  assert.deepEqual(client.basicConstraints, { ca: false, pathLength: undefined });
  assert.deepEqual([...client.keyUsage!], ["digitalSignature"]);
  assert.deepEqual(client.extendedKeyUsage, ["1.3.6.1.5.5.7.3.2"]);
  assert.deepEqual(client.subjectAltName, [{ type: "email", value: "a@b.example" }]);
  const ca = issue({ profile: "ca", names: [] });
  assert.deepEqual(ca.basicConstraints, { ca: true, pathLength: 0 });
  assert.deepEqual([...ca.keyUsage!], ["keyCertSign", "cRLSign"]);
  assert.equal(ca.extendedKeyUsage, undefined);
  assert.equal(ca.subjectAltName, undefined);
  const renamed = issueCertificate(root, request, { now, subject: "", names: ["other.example"] });
  assert.ok(renamed.subject.isEmpty);
  assert.ok(renamed.allExtensions.find(({ oid }) => oid === "2.5.29.17")!.critical);
});

test("authority: chains verify here", async () => {
  const root = await makeRoot();
  const options = { subject: "CN=Issuer", issuer: root, key: rsa3072, now };
  const intermediate = await createCertificateAuthority(options);
  const certificate = issueCertificate(intermediate, request, { now });
  const { certificates } = verifyCertificate([certificate, intermediate.certificate], {
    roots: [root.certificate],
    serverName: "server.example",
    now,
  });
  assert.deepEqual(certificates.map(({ subject }) => subject.commonName), [
    "server.example",
    "Issuer",
    "Root",
  ]);
  assert.throws(() => {
    verifyCertificate([certificate, intermediate.certificate], {
      roots: [root.certificate],
      usage: "client",
      now,
    });
  }, CertificateError);
});

test("authority: OpenSSL verifies what is made here", { needs: ["openssl"] }, async () => {
  using openssl = new OpenSsl();
  const root = await createCertificateAuthority({ subject: "CN=Root,O=Firm", key: rsa2048 });
  const issuer = await createCertificateAuthority({
    subject: "CN=Issuer",
    issuer: root,
    key: rsa3072,
    hash: "SHA-512",
  });
  const good = issueCertificate(issuer, request);
  const revoked = issueCertificate(issuer, request, { hash: "SHA-384" });
  const revocation = {
    serialNumber: revoked.serialNumber,
    date: new Date(),
    reason: "keyCompromise",
  } as const;
  openssl.write("root.pem", root.certificate.pem);
  openssl.write("issuer.pem", issuer.certificate.pem);
  openssl.write("good.pem", good.pem);
  openssl.write("revoked.pem", revoked.pem);
  openssl.write(
    "crls.pem",
    createRevocationList(root, { revoked: [], number: 0 }) +
      createRevocationList(issuer, { revoked: [revocation], number: 1 }),
  );
  const verify = "verify -x509_strict -CAfile root.pem -untrusted issuer.pem";
  openssl.run(`${verify} -purpose sslserver -verify_hostname server.example good.pem`);
  openssl.run(`${verify} -verify_ip 192.0.2.1 -crl_check_all -CRLfile crls.pem good.pem`);
  openssl.run(`${verify} revoked.pem`);
  assert.match(
    openssl.try(`${verify} -crl_check -CRLfile crls.pem revoked.pem`).output,
    /certificate revoked/,
  );
  assert.notEqual(openssl.try(`${verify} -purpose sslclient good.pem`).status, 0);
  openssl.write("crl.pem", createRevocationList(issuer, { revoked: [revocation], number: 258 }));
  const text = openssl.run("crl -in crl.pem -noout -text");
  assert.match(text, /CRL Number: \n\s+258/);
  assert.match(text, new RegExp(`Serial Number: ${toHex(revoked.serialNumber)}`, "i"));
  assert.match(text, /Key Compromise/);
});

test("authority: an OpenSSL CA serves requests made here, and OpenSSL's are served here", {
  needs: ["openssl"],
}, async () => {
  using openssl = new OpenSsl();
  openssl.write("ca-key.pem", exportPrivateKey(rsa2048));
  openssl.run("req -x509 -new -key ca-key.pem -subj /CN=Root -days 30 -out ca.pem");
  openssl.write("request.pem", request.pem);
  openssl.run(
    "x509 -req -in request.pem -CA ca.pem -CAkey ca-key.pem -copy_extensions copy -days 10 -out made.pem",
  );
  const theirs = parseCertificate(openssl.text("made.pem"));
  assert.deepEqual(theirs.extensions.subjectAltName, request.names);
  // A CA that OpenSSL made can issue certificates too.
  const authority = { certificate: parseCertificate(openssl.text("ca.pem")), key: rsa2048 };
  openssl.run("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem");
  openssl.run(
    "req -new -key key.pem -subj /CN=ec.example -addext subjectAltName=DNS:ec.example -out request.pem",
  );
  const ours = issueCertificate(authority, parseCertificateRequest(openssl.text("request.pem")), { days: 5 });
  assert.deepEqual([...ours.extensions.keyUsage!], ["digitalSignature"]);
  openssl.write("ours.pem", ours.pem);
  openssl.run("verify -CAfile ca.pem -verify_hostname ec.example ours.pem");
});

test("authority: serial numbers are random, positive and of 16 bytes", async () => {
  const root = await makeRoot();
  const serials = Array.from({ length: 20 }, () => issueCertificate(root, request, { now }).serialNumber);
  assert.equal(new Set(serials.map(toHex)).size, serials.length);
  assert.ok(serials.every((serial) => serial.length === 16 && serial[0] >= 0x40 && serial[0] < 0x80));
  for (const byte of [0x00, 0xff]) {
    const random = (length: number) => new Uint8Array(length).fill(byte);
    const { serialNumber } = issueCertificate(root, request, { now, random });
    assert.equal(toHex(serialNumber), (byte === 0 ? "40" : "7f") + toHex(random(15)));
  }
});

test("authority: validity stays within the issuer's", async () => {
  const root = await makeRoot();
  assert.equal(root.certificate.notBefore.toISOString(), "2026-06-15T11:00:00.000Z");
  assert.equal(root.certificate.notAfter.toISOString(), "2036-06-12T12:00:00.000Z");
  const issue = (at: string, days?: number) => {
    const { notBefore, notAfter } = issueCertificate(root, request, { now: new Date(at), days });
    return [notBefore, notAfter].map((date) => date.toISOString().slice(0, 16));
  };
  assert.deepEqual(issue("2026-06-15T12:00:00Z"), ["2026-06-15T11:00", "2027-07-17T12:00"]);
  assert.deepEqual(issue("2026-06-15T11:10:00Z"), ["2026-06-15T11:00", "2027-07-17T11:10"]);
  assert.deepEqual(issue("2026-07-01T00:00:00Z", 0.5), ["2026-06-30T23:00", "2026-07-01T12:00"]);
  assert.deepEqual(issue("2036-06-01T00:00:00Z"), ["2036-05-31T23:00", "2036-06-12T12:00"]);
  assert.throws(() => issue("2036-06-01T00:00:00Z", 30), RangeError);
  assert.throws(() => issue("2036-06-13T00:00:00Z"), RangeError);
  assert.throws(() => issue("2026-06-15T10:00:00Z"), RangeError);
  for (const days of [0, -1, NaN, Infinity, 1e9]) {
    assert.throws(() => issue("2026-07-01T00:00:00Z", days), RangeError);
    assert.throws(() => createSelfSignedCertificate(rsa2048, { subject: "CN=x", days }), RangeError);
  }
});

test("authority: a CA's path length is less than its issuer's", async () => {
  const key = rsa2048;
  let count = 0;
  const make = (issuer: CertificateAuthority | undefined, pathLength?: number) =>
    createCertificateAuthority({ subject: `CN=CA ${count++}`, key, issuer, pathLength, now });
  const lengthOf = ({ certificate }: CertificateAuthority) =>
    certificate.extensions.basicConstraints!.pathLength;
  const root = await make(undefined);
  assert.equal(lengthOf(root), undefined);
  assert.equal(lengthOf(await make(root)), 0);
  const two = await make(root, 2);
  const one = await make(two, 1);
  const none = await make(one);
  assert.deepEqual([two, one, none].map(lengthOf), [2, 1, 0]);
  await assert.rejects(make(two, 2), RangeError);
  await assert.rejects(make(none), RangeError);
  for (const wrong of [-1, 1.5, NaN]) await assert.rejects(make(undefined, wrong), RangeError);
  assert.throws(() => issueCertificate(none, request, { profile: "ca", now }), RangeError);
  assert.throws(() => issueCertificate(root, request, { pathLength: 0, now }), TypeError);
  issueCertificate(none, request, { now });
});

test("authority: keys and CAs that may not sign are refused", async () => {
  const root = await makeRoot();
  const leaf = { certificate: issueCertificate(root, request, { now }), key: rsa2048 };
  assert.throws(() => issueCertificate(leaf, request, { now }), RangeError);
  assert.throws(() => createRevocationList(leaf, { revoked: [], number: 0, now }), RangeError);
  const self = selfIssuer(rsa2048, "CN=x");
  for (
    const extensions of [[basicConstraints(true), keyUsage(["cRLSign"])], [
      keyUsage(["keyCertSign", "cRLSign"]),
    ]]
  ) {
    const certificate = makeCertificate(self, self, extensions, 1, { now });
    assert.throws(() => issueCertificate({ certificate, key: rsa2048 }, request, { now }), RangeError);
  }
  const noLists = makeCertificate(self, self, [basicConstraints(true), keyUsage(["keyCertSign"])], 1, {
    now,
  });
  assert.throws(
    () => createRevocationList({ certificate: noLists, key: rsa2048 }, { revoked: [], now }),
    RangeError,
  );
  const mixed = { certificate: root.certificate, key: rsa1024 };
  assert.throws(() => issueCertificate(mixed, request, { now }), TypeError);
  assert.throws(() => createRevocationList(mixed, { revoked: [], number: 0, now }), TypeError);
});

test("authority: names are checked before they are certified", async () => {
  const root = await makeRoot();
  const bare = createCertificateRequest(rsa2048, { subject: "CN=server.example" });
  await channelError(() => issueCertificate(root, bare, { now }), "malformed");
  issueCertificate(root, bare, { now, profile: "client" });
  const empty = createCertificateRequest(rsa2048, { subject: "" });
  await channelError(() => issueCertificate(root, empty, { now, profile: "client" }), "malformed");
  assert.throws(() => issueCertificate(root, request, { now, names: ["*"] }), RangeError);
  assert.throws(() => issueCertificate(root, request, { now, subject: "CN" }), RangeError);
  // Names that cannot be checked are not copied: a directory name, and a DNS name with a zero byte.
  for (const name of [der.explicit(4, der.sequence()), der.implicit(2, der.ia5String("a\0.example"))]) {
    const strange = { ...request, names: parseWith(name) } as CertificateRequest;
    await channelError(() => issueCertificate(root, strange, { now }), "unsupported");
  }
});

/** Returns the names of a certificate with only this GeneralName. */
function parseWith(name: Uint8Array) {
  const self = selfIssuer(rsa1024, "CN=x");
  const extensions = [extension("2.5.29.17", false, der.sequence(name))];
  return makeCertificate(self, self, extensions, 1, {}).extensions.subjectAltName!;
}

test("authority: a CA has a name, and not its issuer's (RFC 5280 sections 4.1.2.4 and 4.1.2.6)", async () => {
  const root = await makeRoot();
  const empty = createCertificateRequest(rsa2048, { subject: "", names: ["x.example"] });
  assert.throws(() => issueCertificate(root, empty, { now, profile: "ca" }), RangeError);
  issueCertificate(root, empty, { now, profile: "ca", subject: "CN=x" });
  for (const subject of ["", "CN=rOOT,O=Firm"]) {
    assert.throws(() => issueCertificate(root, request, { now, profile: "ca", subject }), RangeError);
  }
  issueCertificate(root, empty, { now });
  const create = (subject: string, issuer?: CertificateAuthority) =>
    createCertificateAuthority({ subject, issuer, key: rsa2048, now });
  await assert.rejects(() => create(""), RangeError);
  await assert.rejects(() => create("", root), RangeError);
  await assert.rejects(() => create("CN=Root,O=Firm", root), RangeError);
  await assert.rejects(() => create("CN=rOOT,O=Firm", root), RangeError);
  await create("CN=Root", root);
  const names = ["x.example"];
  assert.throws(() => createSelfSignedCertificate(rsa2048, { subject: "", names }), RangeError);
  // A CA without a name, made by another program, cannot issue certificates.
  const self = { ...selfIssuer(rsa2048, "CN=x"), name: der.sequence() };
  const certificate = makeCertificate(self, self, [basicConstraints(true)], 1, { now });
  assert.throws(() => issueCertificate({ certificate, key: rsa2048 }, request, { now }), RangeError);
});

test("authority: its own name constraints bind it", async () => {
  const self = selfIssuer(rsa2048, "CN=Root");
  const subtree = der.sequence(der.implicit(2, der.ia5String("firm.example")));
  const constraints = extension("2.5.29.30", true, der.sequence(der.element(0xa0, subtree)));
  const ca = extension("2.5.29.19", true, der.sequence(der.boolean(true)));
  const certificate = makeCertificate(self, self, [ca, constraints], 3650, { now });
  const root = { certificate, key: rsa2048 };
  issueCertificate(root, request, { now, names: ["a.firm.example"] });
  const error = await channelError(
    () => issueCertificate(root, request, { now, names: ["a.example"] }),
    "certificate",
  );
  assert.equal((error as CertificateError).reason, "name_constraints");
});

test("authority: weak keys must be allowed explicitly", async () => {
  const root = await makeRoot();
  const weak = createCertificateRequest(rsa1024, { subject: "CN=x", names: ["x.example"], allowWeak: true });
  await channelError(() => issueCertificate(root, weak, { now }), "unsupported");
  issueCertificate(root, weak, { now, allowWeak: true });
  await channelError(() => createCertificateAuthority({ subject: "CN=x", key: rsa1024 }), "unsupported");
  await createCertificateAuthority({ subject: "CN=x", key: rsa1024, allowWeak: true });
  await channelError(() => createSelfSignedCertificate(rsa1024, { subject: "CN=x" }), "unsupported");
  createSelfSignedCertificate(rsa1024, { subject: "CN=x", allowWeak: true });
});

test("authority: invalid revocation lists are refused", async () => {
  const root = await makeRoot();
  const entry = { serialNumber: Uint8Array.of(1), date: now };
  for (const number of [-1, 1.5, NaN, 2 ** 53]) {
    assert.throws(() => createRevocationList(root, { revoked: [], number, now }), RangeError);
  }
  const listing = (...bytes: number[]) =>
    createRevocationList(root, { revoked: [{ serialNumber: Uint8Array.from(bytes), date: now }], now });
  for (const bytes of [[], [0, 1], [0, 0], [0x80], [0xff, 0x80]]) {
    assert.throws(() => listing(...bytes), RangeError);
  }
  for (const bytes of [[0], [0x7f], [0, 0x80], [1, 0]]) parseRevocationList(listing(...bytes));
  assert.throws(() => createRevocationList(root, { revoked: [], number: 0, days: 0, now }), RangeError);
  assert.throws(() => createRevocationList(root, { revoked: [entry, entry], number: 0, now }), RangeError);
});

test("authority: a self-signed certificate carries a key", { needs: ["openssl"] }, () => {
  using openssl = new OpenSsl();
  const certificate = createSelfSignedCertificate(rsa1024, {
    subject: "CN=localhost",
    names: ["localhost", "::1"],
    allowWeak: true,
  });
  openssl.write("self.pem", certificate.pem);
  openssl.run("verify -x509_strict -auth_level 0 -CAfile self.pem -verify_hostname localhost self.pem");
  assert.deepEqual(certificate.publicKey, { type: "rsa", n: rsa1024.n, e: rsa1024.e });
  assert.equal(
    createSelfSignedCertificate(rsa2048, { subject: "CN=x" }).extensions.subjectAltName,
    undefined,
  );
});

test("a CA with limits: what is not permitted is excluded, of every kind", async () => {
  const authority = await createCertificateAuthority({
    subject: "CN=Limited",
    keyType: "p256",
    permittedNames: ["firm.example"],
    excludedNames: ["private.firm.example", "IP:10.1.2.3/9", "2001:db8::1"],
  });
  const { permitted, excluded } = authority.certificate.extensions.nameConstraints!;
  assert.deepEqual(permitted, [{ type: "dns", value: "firm.example" }]);
  const ip = (hex: string) => ({ type: "ip", value: fromHex(hex) });
  assert.deepEqual(excluded, [
    { type: "dns", value: "private.firm.example" },
    ip("0a000000ff800000"),
    ip(`20010db8${"00".repeat(11)}01${"ff".repeat(16)}`),
    ip("00".repeat(8)),
    ip("00".repeat(32)),
  ]);
  const request = createCertificateRequest(await generateKey("p256"), { subject: "CN=x" });
  const issue = (name: string) => issueCertificate(authority, request, { names: [name] });
  for (const name of ["firm.example", "a.firm.example"]) issue(name);
  for (const name of ["other.example", "a.private.firm.example", "192.0.2.1", "2001:db8::2"]) {
    assert.equal(
      (await channelError(() => issue(name), "certificate") as CertificateError).reason,
      "name_constraints",
    );
  }
  for (const wrong of ["", "*.firm.example", "ip:firm.example", "10.0.0.0/33", "dns:10.0.0.1"]) {
    await assert.rejects(
      createCertificateAuthority({ subject: "CN=x", keyType: "p256", permittedNames: [wrong] }),
      RangeError,
    );
  }
});
