/** The tool as a CA: what it copies from files of other programs, and what other programs read. */

import { readFile, writeFile } from "node:fs/promises";
import { createCertificateRequest } from "../../src/x509/issuing/request.ts";
import { selfIssuer } from "../../src/x509/issuing/issue.ts";
import { basicConstraints, keyUsage } from "../../src/x509/issuing/encode.ts";
import { makeCertificate } from "../../src/x509/issuing/make_certificate.ts";
import {
  type CertificateAuthority,
  createCertificateAuthority,
  createRevocationList,
  exportPrivateKey,
  issueCertificate,
  parseCertificateRequest,
  parseCertificates,
  parseRevocationList,
} from "../../src/x509/mod.ts";
import { rsa1024, rsa2048 } from "../_kit/keys.ts";
import { assert, test } from "../_kit/mod.ts";
import { fesa, inFolder } from "./_kit.ts";

const REQUEST = createCertificateRequest(rsa1024, { subject: "", names: ["a.example"], allowWeak: true });

async function run(...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await fesa(words);
  assert.equal(code, 0, stderr);
  return stdout;
}

/** Writes a CA's files, and returns the arguments that name them. */
async function files(
  path: (name: string) => string,
  { certificate, key }: CertificateAuthority,
  ...above: readonly CertificateAuthority[]
): Promise<string[]> {
  const chain = [certificate, ...above.map((authority) => authority.certificate)];
  await writeFile(path("ca.pem"), chain.map(({ pem }) => pem).join(""));
  await writeFile(path("ca-key.pem"), exportPrivateKey(key), { mode: 0o600 });
  return ["--ca", path("ca.pem"), "--ca-key", path("ca-key.pem")];
}

test("tool: sign leaves out self-signed certificates, and keeps a CA with its issuer's name", async () => {
  const root = await createCertificateAuthority({ subject: "CN=Firm", key: rsa2048, pathLength: 2 });
  const issuer = {
    key: rsa2048,
    name: root.certificate.subject.der,
    keyIdentifier: root.certificate.extensions.subjectKeyIdentifier!,
  };
  const extensions = [basicConstraints(true, 0), keyUsage(["keyCertSign", "cRLSign"])];
  const certificate = makeCertificate(issuer, selfIssuer(rsa1024, "CN=Firm"), extensions, 1, {});
  await inFolder(async (path) => {
    const ca = await files(path, { certificate, key: rsa1024 }, root);
    await writeFile(path("request.pem"), REQUEST.pem);
    await run("sign", ...ca, "--in", path("request.pem"), "--out", path("chain.pem"), "--allow-weak");
    const chain = parseCertificates(await readFile(path("chain.pem"), "utf8"));
    assert.deepEqual(chain.slice(1).map(({ pem }) => pem), [certificate.pem]);
  });
});

test("tool: revoke says why, where the list did not, and goes on from the list's number", async () => {
  const authority = await createCertificateAuthority({ subject: "CN=Firm", key: rsa2048 });
  const certificates = [1, 2].map(() => issueCertificate(authority, REQUEST, { allowWeak: true }));
  await inFolder(async (path) => {
    const words = ["revoke", ...await files(path, authority), "--crl", path("crl.pem")];
    for (const [i, { pem }] of certificates.entries()) await writeFile(path(`${i}.pem`), pem);
    const list = async () => parseRevocationList(await readFile(path("crl.pem"), "utf8"));
    await run(...words, path("0.pem"), path("1.pem"));
    const [before] = (await list()).revoked;
    const superseded = [...words, "--reason", "superseded"];
    assert.match(await run(...superseded, path("0.pem")), /2 revoked/);
    assert.deepEqual(Array.from((await list()).revoked, ({ reason }) => reason), ["superseded", undefined]);
    assert.deepEqual([...(await list()).revoked][0].date, before.date);
    // A reason that is already in the list stays.
    await run(...words, "--reason", "keyCompromise", path("0.pem"), path("1.pem"));
    const reasons = ["superseded", "keyCompromise"];
    assert.deepEqual(Array.from((await list()).revoked, ({ reason }) => reason), reasons);

    const first = (await list()).number!;
    await run(...words);
    assert.ok((await list()).number! > first);
    for (const number of [Number.MAX_SAFE_INTEGER, 2n ** 80n]) {
      await writeFile(path("crl.pem"), createRevocationList(authority, { revoked: [], number }));
      await run(...words);
      assert.equal((await list()).number, BigInt(number) + 1n);
    }
  });
});

test("tool: inspect takes any label, and a byte order mark", async () => {
  const { certificate } = await createCertificateAuthority({ subject: "CN=Firm", key: rsa2048 });
  await inFolder(async (path) => {
    for (const label of ["__proto__", "constructor", "toString"]) {
      await writeFile(path("odd.pem"), `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`);
      assert.equal(await run("inspect", path("odd.pem")), `type: ${label.toLowerCase()}\n`);
    }
    await writeFile(path("mark.pem"), `\ufeff${certificate.pem}`);
    assert.match(await run("inspect", path("mark.pem")), /subject: CN=Firm\n/);
  });
});

test("tool: an intermediate is valid for as long as its root, however long that is", async () => {
  await inFolder(async (path) => {
    const names = ["--subject", "CN=Root", "--intermediate", "CN=Below"];
    await run("ca", ...names, "--bits", "1024", "--days", "7300", "--out-dir", path("ca"));
    const [root, below] = await Promise.all(
      ["root", "ca"].map(async (name) =>
        parseCertificates(await readFile(path(`ca/${name}.pem`), "utf8"))[0]
      ),
    );
    assert.deepEqual(below.notAfter, root.notAfter);
  });
});

test("tool: a request takes the subject's common name for its name, and nothing that only looks like it", async () => {
  await inFolder(async (path) => {
    const [request, key] = [path("request.pem"), path("key.pem")];
    const common = ["--key", key, "--out", request, "--bits", "1024", "--force"];
    await run("csr", "--subject", "O=Firm,CN=foo.example", ...common);
    assert.deepEqual(await namesOf(request), ["foo.example"]);
    await run(
      "csr",
      "--subject",
      "O=foo\\,CN=bar.example",
      "--key",
      key,
      "--out",
      request,
      "--force",
      "--allow-weak",
    );
    assert.deepEqual(await namesOf(request), []);
  });
});

async function namesOf(file: string): Promise<readonly string[]> {
  const { names } = parseCertificateRequest(await readFile(file, "utf8"));
  return names.map((name) => name.type === "dns" ? name.value : name.type);
}
