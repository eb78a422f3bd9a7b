import { createHash, X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";
import { der, encodePem } from "../../src/asn1/mod.ts";
import { toHex } from "../../src/bytes.ts";
import { extension } from "../../src/x509/issuing/encode.ts";
import {
  Certificate,
  describeCertificate,
  exportPublicKey,
  parseCertificate,
  parseCertificates,
  parsePublicKey,
  pinOf,
} from "../../src/x509/mod.ts";
import { rsa1024 } from "../_kit/keys.ts";
import { assert, channelError, test } from "../_kit/mod.ts";
import { make, makeCa, makeServer, nameConstraints, policies } from "./_make.ts";

test("the roots that Node ships are read as Node reads them", { on: ["node"] }, () => {
  assert.ok(rootCertificates.length > 100);
  for (const pem of rootCertificates) {
    const [ours, theirs] = [parseCertificate(pem), new X509Certificate(pem)];
    assert.equal(ours.fingerprint, theirs.fingerprint256.replaceAll(":", "").toLowerCase());
    assert.equal(BigInt(`0x${toHex(ours.serialNumber)}`), BigInt(`0x${theirs.serialNumber}`));
    assert.equal(ours.notAfter.getTime(), Date.parse(theirs.validTo));
    assert.equal(ours.extensions.basicConstraints?.ca ?? false, theirs.ca);
    assert.deepEqual(exportPublicKey(ours.publicKey), ours.spki);
    assert.equal(
      ours.pin,
      `sha256:${
        createHash("sha256").update(theirs.publicKey.export({ type: "spki", format: "der" })).digest("base64")
      }`,
    );
    assert.equal(pinOf(ours.publicKey), ours.pin);
    assert.ok(describeCertificate(ours).includes("CA"));
  }
});

test("a certificate is printed in lines", () => {
  const certificate = makeCa({
    subject: "CN=CA,O=Firm",
    issuer: "CN=Root",
    serialNumber: 300,
    pathLength: 1,
    extensions: [
      nameConstraints([{ type: "dns", value: "example" }], [{
        type: "ip",
        value: Uint8Array.of(10, 0, 0, 0, 255, 0, 0, 0),
      }]),
      policies("1.2.3"),
      extension("1.2.3.4", false, Uint8Array.of(5, 0)),
    ],
  });
  assert.equal(
    describeCertificate(certificate),
    `subject: CN=CA,O=Firm
issuer: CN=Root
serial number: 012c
valid: 2025-01-01T00:00:00Z to 2025-12-31T23:59:59Z
key: RSA 1024 bits
signature: SHA-256 with RSA
SHA-256 fingerprint: ${certificate.fingerprint}
pin: ${certificate.pin}
version: 3
  basicConstraints (critical): CA, path length 1
  keyUsage (critical): keyCertSign, cRLSign
  nameConstraints (critical): permitted DNS:example, excluded IP:10.0.0.0/255.0.0.0
  certificatePolicies: 1.2.3
  1.2.3.4: #0500`,
  );
});

test("PEM: one certificate, or all of a bundle", async () => {
  const [one, two] = [makeServer({ issuer: "CN=CA" }), makeServer({ issuer: "CN=CA", serialNumber: 2 })];
  assert.deepEqual(parseCertificate(one.pem).der, one.der);
  const bundle = `text\n${one.pem}${encodePem("PUBLIC KEY", one.spki)}${two.pem}`;
  assert.deepEqual(parseCertificates(bundle).map(({ fingerprint }) => fingerprint), [
    one.fingerprint,
    two.fingerprint,
  ]);
  await channelError(() => parseCertificate(bundle), "malformed");
  await channelError(() => parseCertificate("nothing"), "malformed");
});

test("unsupported types of key are refused, naming the algorithm, when the key is read", async () => {
  const keys: [Uint8Array[], string][] = [
    [[der.oid("1.2.840.10045.2.1"), der.oid("1.3.132.0.10")], "secp256k1"],
    [[der.oid("1.2.840.10040.4.1"), der.nul()], "DSA"],
    [[der.oid("1.3.101.113")], "Ed448"],
    [[der.oid("1.2.3.4")], "1.2.3.4"],
  ];
  for (const [algorithm, name] of keys) {
    const spki = der.sequence(der.sequence(...algorithm), der.bitString(new Uint8Array(57)));
    const error = await channelError(() => parsePublicKey(spki), "unsupported");
    assert.ok(error.message.includes(name), error.message);
  }
});

test("every truncation of a certificate is refused", async () => {
  const { der: whole } = makeServer({ issuer: "CN=CA" });
  for (let length = 0; length < whole.length; length++) {
    await channelError(() => new Certificate(whole.subarray(0, length)), "malformed");
  }
  await channelError(() => new Certificate(Uint8Array.of(...whole, 0)), "malformed");
});

test("versions, extensions and the two signature algorithms must agree", async () => {
  await channelError(
    () => make({ subject: "CN=x", issuer: "CN=x", version: 2, extensions: [policies("1.2.3")] }),
    "malformed",
  );
  await channelError(() => make({ subject: "CN=x", issuer: "CN=x", version: 4 }), "malformed");
  const twice = [policies("1.2.3"), policies("1.2.3")];
  await channelError(() => make({ subject: "CN=x", issuer: "CN=x", extensions: twice }), "malformed");
  const { tbs, signature } = make({ subject: "CN=x", issuer: "CN=x" });
  const other = der.sequence(
    tbs,
    der.sequence(der.oid("1.2.840.113549.1.1.12"), der.nul()),
    der.bitString(signature),
  );
  await channelError(() => new Certificate(other), "malformed");
});

test("public keys are written as they are read", () => {
  const key = { type: "rsa", n: rsa1024.n, e: rsa1024.e } as const;
  assert.deepEqual(parsePublicKey(exportPublicKey(key)), key);
  assert.deepEqual(parsePublicKey(encodePem("PUBLIC KEY", exportPublicKey(key))), key);
  for (
    const parameters of [
      undefined,
      { hash: "SHA-1", saltLength: 20 } as const,
      { hash: "SHA-384", saltLength: 48 } as const,
    ]
  ) {
    const pss = { ...key, type: "rsa-pss", parameters } as const;
    assert.deepEqual(parsePublicKey(exportPublicKey(pss)), pss);
  }
});
