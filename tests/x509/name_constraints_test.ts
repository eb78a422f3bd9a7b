/**
 * Name constraints without public vectors: URIs, wildcards, e-mail addresses in the subject, and names that cannot be
 * compared.
 */

import { der, TAG } from "../../src/asn1/mod.ts";
import { toUtf8 } from "../../src/bytes.ts";
import { Budget } from "../../src/x509/path/budget.ts";
import { type Certificate, CertificateError, type GeneralName, parseName } from "../../src/x509/mod.ts";
import { checkNameConstraints } from "../../src/x509/path/name_constraints.ts";
import { finish } from "../../src/x509/steps.ts";
import { assert, test } from "../_kit/mod.ts";
import { make, makeCa, makeRoot, makeServer, nameConstraints, options, san } from "./_make.ts";
import { rsa2048 } from "../_kit/keys.ts";
import { verifyCertificate } from "../../src/x509/mod.ts";

type List = "permitted" | "excluded";

function isPermitted(
  certificate: Pick<Certificate, "subject" | "extensions">,
  list: List,
  constraint: GeneralName,
): boolean {
  const constraints = { permitted: [], excluded: [], [list]: [constraint] };
  try {
    finish(checkNameConstraints(constraints, certificate as Certificate, 0, new Budget()));
    return true;
  } catch (error) {
    if (error instanceof CertificateError && error.reason === "name_constraints") return false;
    throw error;
  }
}

/**
 * Each line has a name, a constraint, whether the constraint permits the name, and whether the name is permitted if the
 * constraint is excluded.
 */
function check(
  type: "dns" | "uri" | "email",
  cases: readonly (readonly [string, string, boolean, boolean])[],
): void {
  for (const [name, constraint, permitted, notExcluded] of cases) {
    const certificate = make({ subject: "", issuer: "CN=x", extensions: [san({ type, value: name })] });
    assert.equal(
      isPermitted(certificate, "permitted", { type, value: constraint }),
      permitted,
      `${name} in ${constraint}`,
    );
    assert.equal(
      isPermitted(certificate, "excluded", { type, value: constraint }),
      notExcluded,
      `${name} out of ${constraint}`,
    );
  }
}

test("DNS names: whole labels, and wildcards stand for all that they match", () => {
  check("dns", [
    ["host.example", "example", true, false],
    ["host.example", "host.example", true, false],
    ["HOST.example", "Host.Example", true, false],
    ["host.example", "", true, false],
    ["xhost.example", "host.example", false, true],
    ["host.example", "a.host.example", false, true],
    ["host.example", ".host.example", false, true],
    ["a.host.example", ".host.example", true, false],
    ["*.host.example", "host.example", true, false],
    ["*.host.example", ".host.example", true, false],
    ["*.host.example", "a.host.example", false, false],
    ["*.host.example", "b.a.host.example", false, true],
    ["*.host.example", "other.example", false, true],
    ["a*.host.example", "host.example", false, false],
    [".host.example", "host.example", false, false],
    ["host.example.", "host.example", false, false],
    ["host.example", "bad..constraint", false, false],
  ]);
});

test("URIs: the host alone counts, and must be a DNS name", () => {
  check("uri", [
    ["https://host.example/path", "host.example", true, false],
    ["https://user@host.example:8443?q", "HOST.example", true, false],
    ["https://a.host.example/", "host.example", false, true],
    ["https://a.host.example/", ".host.example", true, false],
    ["https://host.example/", ".host.example", false, true],
    ["https://evil.example/@host.example", "host.example", false, true],
    ["https://192.0.2.1/", "host.example", false, false],
    ["https://[2001:db8::1]/", "host.example", false, false],
    ["urn:example:host.example", "host.example", false, false],
    ["https://a@b@host.example/", "host.example", false, false],
    ["https://host.example\\@evil.example/", "host.example", false, false],
  ]);
});

test("e-mail addresses in the subject count where there is no subjectAltName", () => {
  const email: GeneralName = { type: "email", value: "host.example" };
  const inside = make({ subject: "CN=x,emailAddress=a@host.example", issuer: "CN=x" });
  const outside = make({ subject: "CN=x,emailAddress=a@other.example", issuer: "CN=x" });
  assert.deepEqual([isPermitted(inside, "permitted", email), isPermitted(inside, "excluded", email)], [
    true,
    false,
  ]);
  assert.deepEqual([isPermitted(outside, "permitted", email), isPermitted(outside, "excluded", email)], [
    false,
    true,
  ]);
  const named = make({
    subject: "CN=x,emailAddress=a@other.example",
    issuer: "CN=x",
    extensions: [san({ type: "dns", value: "x" })],
  });
  assert.ok(isPermitted(named, "permitted", email));
});

test("unknown forms of names and malformed names are refused if they are constrained", () => {
  const other: GeneralName = { type: "otherName", oid: "1.2.3", value: der.utf8String("x") };
  const certificate = make({ subject: "", issuer: "CN=x", extensions: [san(other)] });
  for (const list of ["permitted", "excluded"] as const) assert.ok(!isPermitted(certificate, list, other));
  assert.ok(isPermitted(certificate, "permitted", { type: "dns", value: "x" }));
  // RFC 9598: an internationalized mailbox is an e-mail address.
  const mailbox: GeneralName = {
    type: "otherName",
    oid: "1.3.6.1.5.5.7.8.9",
    value: der.utf8String("ä@host.example"),
  };
  const mail = make({ subject: "", issuer: "CN=x", extensions: [san(mailbox)] });
  for (const list of ["permitted", "excluded"] as const) {
    assert.ok(!isPermitted(mail, list, { type: "email", value: "host.example" }));
  }
  // It is also an otherName, and constraints on otherNames cannot be compared.
  for (const oid of ["1.3.6.1.5.5.7.8.9", "1.2.3"]) {
    const constraint: GeneralName = { type: "otherName", oid, value: der.utf8String("good.example") };
    for (const list of ["permitted", "excluded"] as const) assert.ok(!isPermitted(mail, list, constraint));
  }
  const organization = (tag: number, text: string) =>
    parseName(der.sequence(der.setOf(der.sequence(der.oid("2.5.4.10"), der.element(tag, toUtf8(text))))));
  const constraint: GeneralName = { type: "directoryName", value: organization(TAG.utf8String, "Firm") };
  for (
    const subject of [organization(TAG.teletexString, "Firm"), organization(TAG.printableString, "F\x01")]
  ) {
    assert.ok(!isPermitted({ subject, extensions: {} }, "permitted", constraint));
    assert.ok(!isPermitted({ subject, extensions: {} }, "excluded", constraint));
  }
  assert.ok(
    isPermitted(
      { subject: organization(TAG.printableString, "fIRM "), extensions: {} },
      "permitted",
      constraint,
    ),
  );
});

test("constraints hold for everything below, except self-issued intermediates", () => {
  const dns = (value: string): GeneralName => ({ type: "dns", value });
  const root = makeRoot("CN=Root", rsa2048, [nameConstraints([dns("example")], [dns("no.example")])]);
  const ca = makeCa({ subject: "CN=CA", issuer: "CN=Root", signer: rsa2048 });
  verifyCertificate([makeServer({ issuer: "CN=CA" }), ca], options([root]));
  const outside = make({ subject: "CN=x", issuer: "CN=CA", extensions: [san(dns("a.no.example"))] });
  assert.throws(
    () => verifyCertificate([outside, ca], options([root])),
    /does not permit the name DNS:a.no.example/,
  );
  const named = makeCa({
    subject: "CN=CA",
    issuer: "CN=Root",
    signer: rsa2048,
    extensions: [san(dns("other.test"))],
  });
  assert.throws(
    () => verifyCertificate([makeServer({ issuer: "CN=CA" }), named], options([root])),
    /other.test/,
  );
  const rollover = makeCa({
    subject: "CN=Root",
    issuer: "CN=Root",
    signer: rsa2048,
    extensions: [san(dns("other.test"))],
  });
  verifyCertificate([makeServer({ issuer: "CN=Root" }), rollover], options([root]));
});
