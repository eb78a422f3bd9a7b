/** Server names (RFC 9525, RFC 6125) and how names are printed. */

import { hostLabels } from "../../src/x509/names/host_name.ts";
import { type GeneralName, generalNameText, ipText } from "../../src/x509/names/general_name.ts";
import { hostNameToSend } from "../../src/x509/names/server_name.ts";
import { parseIpAddress } from "../../src/ip_address.ts";
import { describeCertificate, matchesName } from "../../src/x509/mod.ts";
import { assert, test } from "../_kit/mod.ts";
import { make, san } from "./_make.ts";

function matches(names: readonly GeneralName[], serverName: string): boolean {
  const extensions = names.length === 0 ? [] : [san(...names)];
  return matchesName(make({ subject: "CN=common.example", issuer: "CN=x", extensions }), serverName);
}

const dns = (value: string): GeneralName => ({ type: "dns", value });
const ip = (text: string): GeneralName => ({ type: "ip", value: parseIpAddress(text)! });

test("DNS names match whole, without case, or by one wildcard label", () => {
  const cases: [pattern: string, name: string, expected: boolean][] = [
    ["host.example", "host.example", true],
    ["HOST.example", "host.EXAMPLE", true],
    ["host.example", "host.example.", true],
    ["host.example.", "host.example", false],
    ["host.example", "other.example", false],
    ["host.example", "a.host.example", false],
    ["a.host.example", "host.example", false],
    ["*.host.example", "a.host.example", true],
    ["*.host.example", "A.HOST.example", true],
    ["*.host.example", "host.example", false],
    ["*.host.example", "b.a.host.example", false],
    ["*.host.example", ".host.example", false],
    ["*.host.example", "*.host.example", false],
    ["*.example", "host.example", false],
    ["*", "example", false],
    ["*.", "example", false],
    ["a*.host.example", "ab.host.example", false],
    ["*a.host.example", "ba.host.example", false],
    ["a.*.example", "a.b.example", false],
    ["*.*.example", "a.b.example", false],
    ["xn--bcher-kva.example", "XN--BCHER-KVA.example", true],
    ["*.example.com", "xn--bcher-kva.example.com", true],
    ["xn--*.example.com", "xn--bcher-kva.example.com", false],
    ["bücher.example".normalize(), "bücher.example", false],
    ["bank.example", "ban\u212a.example", false], // the Kelvin sign, whose lower case is k
    ["bank.example", "BAN\u212a.example", false],
    ["localhost", "localhost", true],
    ["my_host.example", "my_host.example", true],
    ["host.example", "host.example\0.evil.example", false],
    ["host..example", "host..example", false],
    ["-host.example", "-host.example", false],
    ["192.0.2.1", "192.0.2.1", false],
  ];
  for (const [pattern, name, expected] of cases) {
    // A name that is not ASCII cannot be written into a certificate.
    if (/[^\p{ASCII}]/u.test(pattern)) assert.throws(() => matches([dns(pattern)], name), RangeError);
    else assert.equal(matches([dns(pattern)], name), expected, `${pattern} for ${name}`);
  }
});

test("what a client sends as its server's name is a host name, or a TypeError that says what to write", () => {
  for (
    const [text, sent] of [["app.example", "app.example"], ["app.example.", "app.example"], [
      "[::1]",
      undefined,
    ]]
  ) {
    assert.equal(hostNameToSend(text!, "serverName"), sent);
  }
  assert.equal(hostNameToSend("fe80::1%eth0", "serverName"), undefined);
  const refused = {
    "b\u00fccher.example": ': use "xn--bcher-kva.example"',
    "https://app.example/": ': use "app.example"',
    "wss://app.example:1/": ': use "app.example"',
    "app.example:443": ': use "app.example"',
    "[::1]:443": ': use "[::1]"',
    "1.2.3": "",
    " app.example": "",
    "app\0.example": "",
    "a..example": "",
    "": "",
    ["x".repeat(300)]: "",
    "fe80::1%": "",
  };
  for (const [text, hint] of Object.entries(refused)) {
    const message = `serverName: ${JSON.stringify(text)} is not a DNS name or an IP address${hint}`;
    assert.throws(() => hostNameToSend(text, "serverName"), { name: "TypeError", message });
  }
});

test("the zone of an IPv6 address plays no part in the match", () => {
  for (const name of ["fe80::1", "fe80::1%eth0", "[fe80::1%25eth0]"]) {
    assert.ok(matches([ip("fe80::1")], name), name);
  }
  for (const name of ["fe80::2%eth0", "fe80::1%", "127.0.0.1%eth0"]) {
    assert.ok(!matches([ip("fe80::1")], name), name);
  }
});

test("IP addresses match IP entries alone, byte for byte", () => {
  assert.ok(matches([ip("192.0.2.1")], "192.0.2.1"));
  assert.ok(matches([dns("x"), ip("2001:db8::1")], "2001:DB8:0:0::1"));
  assert.ok(matches([ip("2001:db8::1")], "[2001:db8::1]"));
  assert.ok(!matches([ip("192.0.2.1")], "192.0.2.2"));
  assert.ok(!matches([ip("::ffff:192.0.2.1")], "192.0.2.1"));
  assert.ok(!matches([dns("192.0.2.1")], "192.0.2.1"));
  assert.ok(!matches([ip("192.0.2.1")], "192.0.2.01"));
  assert.ok(!matches([ip("192.0.2.1")], "3221225985"));
});

test("the subject's common name never counts", () => {
  assert.ok(!matches([], "common.example"));
  assert.ok(!matches([{ type: "email", value: "a@common.example" }], "common.example"));
  assert.throws(() => matches([dns("x")], ""), TypeError);
});

test("labels and names are bounded as DNS bounds them", () => {
  assert.equal(hostLabels("a".repeat(63))?.length, 1);
  assert.equal(hostLabels("a".repeat(64)), undefined);
  assert.equal(hostLabels(Array(127).fill("a").join("."))?.length, 127);
  assert.equal(hostLabels(Array(128).fill("a").join(".")), undefined);
  assert.equal(hostLabels(""), undefined);
});

test("names are printed so that they cannot forge a line", () => {
  assert.equal(generalNameText(dns("a\nb")), "DNS:a?b");
  const certificate = make({ subject: 'CN=a\\0Ab\\, \\"c\\",O=x', issuer: "CN=x" });
  assert.equal(String(certificate.subject), 'CN=a\\0ab\\, \\"c\\",O=x');
  assert.ok(!describeCertificate(certificate).includes("a\nb"));
});

test("IPv6 addresses are printed as RFC 5952 says", () => {
  const texts: [string, string][] = [
    ["2001:db8:0:0:0:0:0:1", "2001:db8::1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["0:0:0:0:0:0:0:0", "::"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["1:0:0:0:0:0:0:0", "1::"],
    ["192.0.2.1", "192.0.2.1"],
  ];
  for (const [text, expected] of texts) assert.equal(ipText(parseIpAddress(text)!), expected);
});
