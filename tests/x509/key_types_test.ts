import { spawnSync } from "node:child_process";
import { assert, channelError, test } from "../_kit/mod.ts";
import { OpenSsl } from "../_kit/openssl.ts";
import { Files } from "../_kit/files.ts";
import {
  type Certificate,
  type CertificateAuthority,
  createCertificateAuthority,
  createCertificateRequest,
  createRevocationList,
  createSelfSignedCertificate,
  exportPrivateKey,
  generateKey,
  issueCertificate,
  parseCertificate,
  parseCertificateRequest,
  parsePrivateKey,
  parseRevocationList,
  publicKeyOf,
  verifyCertificate,
} from "../../src/x509/mod.ts";
import { encodeSignatureScheme, schemeOfKey, signatureScheme } from "../../src/x509/keys/signature_scheme.ts";
import { verifySignature } from "../../src/x509/keys/signature.ts";

const TYPES = ["p256", "p384", "p521", "ed25519"] as const;

interface Chain {
  readonly root: CertificateAuthority;
  readonly server: Certificate;
  readonly crl: string;
  readonly requestPem: string;
}

async function chain(type: (typeof TYPES)[number]): Promise<Chain> {
  const root = await createCertificateAuthority({ subject: "CN=Root", keyType: type });
  const key = await generateKey(type);
  const requestPem =
    createCertificateRequest(key, { subject: "CN=server.example", names: ["server.example"] }).pem;
  const server = issueCertificate(root, parseCertificateRequest(requestPem));
  const revoked = [{ serialNumber: server.serialNumber, date: new Date(), reason: "superseded" }] as const;
  const now = new Date(Date.now() - 60_000); // other programs' clocks may be a little behind
  return { root, server, requestPem, crl: createRevocationList(root, { revoked, now }) };
}

test("key types: a CA, a request, a certificate and a list, verified here and by OpenSSL", {
  needs: ["openssl"],
}, async () => {
  using openssl = new OpenSsl();
  for (const type of TYPES) {
    const { root, server, crl, requestPem } = await chain(type);
    verifyCertificate([server], { roots: [root.certificate], serverName: "server.example", usage: "server" });
    assert.deepEqual([...server.extensions.keyUsage!], ["digitalSignature"], "it can only sign");
    const options = { roots: [root.certificate], crls: [parseRevocationList(crl)], usage: "server" } as const;
    await channelError(() => verifyCertificate([server], options), "certificate");
    openssl.write("root.pem", root.certificate.pem);
    openssl.write("server.pem", server.pem);
    openssl.write("crl.pem", crl);
    openssl.write("request.pem", requestPem);
    openssl.run("verify -x509_strict -CAfile root.pem -purpose sslserver server.pem");
    const { output } = openssl.try(
      "verify -x509_strict -CAfile root.pem -CRLfile crl.pem -crl_check server.pem",
    );
    assert.match(output, /certificate revoked/);
    openssl.run("req -in request.pem -verify -noout");
  }
});

test("key types: what OpenSSL signs is verified here", { needs: ["openssl"] }, () => {
  using openssl = new OpenSsl();
  const pss = "-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32";
  const kinds = [
    ["EC -pkeyopt ec_paramgen_curve:P-256", ""],
    ["EC -pkeyopt ec_paramgen_curve:P-521", "-sha512"],
    ["ED25519", ""],
    ["RSA-PSS", pss],
  ];
  for (const [algorithm, options] of kinds) {
    openssl.run(`genpkey -algorithm ${algorithm} -out key.pem`);
    openssl.run(`req -new -key key.pem -subj /CN=theirs ${options} -out request.pem`.replace(/  +/g, " "));
    openssl.run(`req -x509 -key key.pem -subj /CN=theirs ${options} -out root.pem`.replace(/  +/g, " "));
    const request = parseCertificateRequest(openssl.text("request.pem"));
    const key = parsePrivateKey(openssl.read("key.pem"));
    assert.deepEqual(request.publicKey, publicKeyOf(key));
    const certificate = parseCertificate(openssl.text("root.pem"));
    const authority = { certificate, key };
    const issued = issueCertificate(authority, request, { names: ["server.example"] });
    verifyCertificate([issued], { roots: [certificate], serverName: "server.example" });
    openssl.write("issued.pem", issued.pem);
    openssl.run("verify -CAfile root.pem issued.pem");
  }
});

test("key types: GnuTLS reads and verifies what is signed here", { needs: ["certtool"] }, async () => {
  using files = new Files();
  for (const type of TYPES) {
    const { root, server, crl, requestPem } = await chain(type);
    const rootFile = files.write("root.pem", root.certificate.pem);
    const serverFile = files.write("server.pem", server.pem);
    certtool("--verify", "--load-ca-certificate", rootFile, "--infile", serverFile);
    certtool("--verify-crl", "--load-ca-certificate", rootFile, "--infile", files.write("crl.pem", crl));
    assert.match(
      certtool("--crq-info", "--infile", files.write("request.pem", requestPem)),
      /Self signature: verified/,
    );
    const selfSigned = createSelfSignedCertificate(parsePrivateKey(exportPrivateKey(root.key)), {
      subject: "CN=self",
      names: ["self.example"],
    });
    certtool("--certificate-info", "--infile", files.write("self.pem", selfSigned.pem));
  }
});

function certtool(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync("certtool", args, { encoding: "utf8" });
  assert.equal(status, 0, stdout + stderr);
  return stdout;
}

test("key types: a root of one type above an intermediate of another", async () => {
  const root = await createCertificateAuthority({ subject: "CN=Root", keyType: "p384" });
  const issuer = await createCertificateAuthority({ subject: "CN=Issuer", issuer: root, keyType: "ed25519" });
  const request = createCertificateRequest(await generateKey("p256"), { subject: "CN=a.example" });
  const certificate = issueCertificate(issuer, request, { names: ["a.example"], hash: undefined });
  const { certificates } = verifyCertificate([certificate, issuer.certificate], {
    roots: [root.certificate],
  });
  assert.equal(certificates.length, 3);
});

test("key types: schemes are written as they are read, and hash functions fit the keys", async () => {
  const [p256, p384, p521] = [
    await generateKey("p256"),
    await generateKey("p384"),
    await generateKey("p521"),
  ];
  assert.deepEqual(schemeOfKey(p256), { type: "ecdsa", hash: "SHA-256" });
  assert.deepEqual(schemeOfKey(p384), { type: "ecdsa", hash: "SHA-384" });
  assert.deepEqual(schemeOfKey(p521), { type: "ecdsa", hash: "SHA-512" });
  assert.deepEqual(schemeOfKey(p521, "SHA-256"), { type: "ecdsa", hash: "SHA-256" });
  const pss = { type: "rsa-pss", n: 1n, e: 1n, parameters: { hash: "SHA-384", saltLength: 20 } } as const;
  assert.deepEqual(schemeOfKey(pss), { type: "rsa-pss", hash: "SHA-384", saltLength: 48 });
  assert.throws(() => schemeOfKey(pss, "SHA-256"), TypeError);
  const ed25519 = await generateKey("ed25519");
  assert.throws(() => createSelfSignedCertificate(ed25519, { subject: "CN=x", hash: "SHA-256" }), TypeError);
  const root = await createCertificateAuthority({ subject: "CN=Root", key: p256, hash: "SHA-512" });
  const { signatureAlgorithm, tbs, signature } = root.certificate;
  const scheme = signatureScheme(signatureAlgorithm);
  assert.deepEqual(scheme, { type: "ecdsa", hash: "SHA-512" });
  assert.ok(verifySignature(p256, scheme, tbs, signature));
  assert.ok(encodeSignatureScheme(scheme).length > 0);
});

test("key types: a key that does not match the certificate, or whose parts do not match, signs nothing", async () => {
  const root = await createCertificateAuthority({ subject: "CN=Root", keyType: "p256" });
  const other = await generateKey("p256");
  const request = createCertificateRequest(other, { subject: "CN=a.example" });
  assert.throws(
    () => issueCertificate({ ...root, key: other }, request, { names: ["a.example"] }),
    TypeError,
  );
  assert.ok(root.key.type === "ec" && other.type === "ec");
  const mixed = { ...root.key, d: other.d };
  await channelError(() => createCertificateRequest(mixed, { subject: "CN=x" }), "malformed");
});
