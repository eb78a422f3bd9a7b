import { readFile, writeFile } from "node:fs/promises";
import { assert, test } from "../_kit/mod.ts";
import { expiresSoon } from "../../src/cli/credentials/expiry.ts";
import {
  createCertificateAuthority,
  createCertificateRequest,
  exportPrivateKey,
  generateKey,
  issueCertificate,
  parseCertificate,
} from "../../src/x509/mod.ts";
import { fesa, inFolder } from "./_kit.ts";
import { listening } from "./_serving.ts";

const DAY = 86_400_000;

test("tool: a certificate expires soon when a third of its lifetime is left, and 30 days at most", () => {
  const cases: readonly (readonly [lifetime: number, left: number, soon: boolean])[] = [
    [397, 31, false],
    [397, 29, true],
    [90, 31, false],
    [90, 29, true],
    [30, 11, false],
    [30, 9, true],
    [1, 0.5, false],
    [1, 0.1, true],
    [90, -1, false], // that is an error, which verification tells
  ];
  const now = Date.parse("2026-01-01T00:00:00Z");
  for (const [lifetime, left, soon] of cases) {
    const notAfter = new Date(now + left * DAY);
    const certificate = { notAfter, notBefore: new Date(notAfter.getTime() - lifetime * DAY) };
    assert.equal(expiresSoon(certificate, now), soon, `${left} of ${lifetime} days`);
  }
});

test("tool: verify warns of certificates that expire soon, on standard error", async () => {
  await inFolder(async (path) => {
    const now = new Date(Date.now() - 80 * DAY);
    const root = await createCertificateAuthority({ subject: "CN=Root", keyType: "p256", now });
    const request = createCertificateRequest(await generateKey("p256"), { subject: "CN=server" });
    for (
      const [days, warning] of [[100, /^warning: the certificate of CN=server expires in 19 days\n$/], [
        397,
        /^$/,
      ]] as const
    ) {
      const certificate = issueCertificate(root, request, { names: ["localhost"], days, now });
      await writeFile(path("root.pem"), root.certificate.pem);
      await writeFile(path("server.pem"), certificate.pem);
      const ran = await fesa(["verify", "--roots", path("root.pem"), path("server.pem")]);
      assert.equal(ran.code, 0, ran.stderr);
      assert.match(ran.stderr, warning);
    }
  });
});

test(
  "tool: serve and connect warn of a server's certificate that expires soon",
  { needs: ["node:"] },
  async () => {
    await inFolder(async (path) => {
      const now = new Date(Date.now() - 80 * DAY);
      const root = await createCertificateAuthority({ subject: "CN=Root", keyType: "p256", now });
      const key = await generateKey("p256");
      const request = createCertificateRequest(key, { subject: "CN=server" });
      const certificate = issueCertificate(root, request, { names: ["localhost"], days: 100, now });
      await writeFile(path("root.pem"), root.certificate.pem);
      await writeFile(path("server.pem"), certificate.pem);
      await writeFile(path("key.pem"), exportPrivateKey(key), { mode: 0o600 });
      const own = ["--certificate", path("server.pem"), "--key", path("key.pem")];
      const warning = /^warning: the certificate of CN=server expires in 19 days$/m;
      const serve = ["serve", "--listen", "127.0.0.1:0", "--setting", "certificate", ...own];
      const { stderr } = await listening(serve, async (address) => {
        const words = ["--setting", "certificate", "--roots", path("root.pem"), "--name", "localhost"];
        const ran = await fesa(["connect", address, ...words]);
        assert.equal(ran.code, 0, ran.stderr);
        assert.match(ran.stderr, warning);
      });
      assert.match(stderr, warning);

      const refused = [
        [
          { days: 10 },
          /^warning: .*server\.pem: peers will refuse this certificate: the certificate expired at /m,
        ],
        [
          { days: 397, profile: "client" },
          /refuse this certificate: the certificate is not for use as a server$/m,
        ],
      ] as const;
      for (const [options, warning] of refused) {
        const certificate = issueCertificate(root, request, { names: ["localhost"], now, ...options });
        await writeFile(path("server.pem"), certificate.pem);
        assert.match((await listening(serve, async () => {})).stderr, warning);
      }
    });
  },
);

test("tool: renew signs certificates that expire soon again, for the same key and names", async () => {
  await inFolder(async (path) => {
    const now = new Date(Date.now() - 80 * DAY);
    const root = await createCertificateAuthority({ subject: "CN=Root", keyType: "p256", now });
    const stranger = await createCertificateAuthority({ subject: "CN=Stranger", keyType: "p256", now });
    const request = createCertificateRequest(await generateKey("p256"), { subject: "CN=server" });
    await writeFile(path("ca.pem"), root.certificate.pem);
    await writeFile(path("ca-key.pem"), exportPrivateKey(root.key), { mode: 0o600 });
    const issue = async (name: string, days: number, profile: "server" | "client" | "ca", issuer = root) => {
      const names = profile === "ca" ? undefined : ["localhost"];
      const certificate = issueCertificate(issuer, request, { names, days, now, profile });
      await writeFile(path(name), certificate.pem);
      return certificate;
    };
    const [soon, later] = [await issue("soon.pem", 100, "server"), await issue("later.pem", 397, "client")];
    const expired = await issue("expired.pem", 10, "client");
    const renew = (...files: string[]) =>
      fesa(["renew", "--ca", path("ca.pem"), "--ca-key", path("ca-key.pem"), ...files.map(path)]);
    const ran = await renew("soon.pem", "later.pem", "expired.pem");
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stdout, /soon\.pem: until .*\n.*expired\.pem: until .*\n$/);
    const read = async (name: string) => parseCertificate(await readFile(path(name), "utf8"));
    for (const [name, old] of [["soon.pem", soon], ["expired.pem", expired]] as const) {
      const certificate = await read(name);
      assert.equal(certificate.pin, old.pin);
      assert.deepEqual(certificate.extensions.subjectAltName, old.extensions.subjectAltName);
      assert.deepEqual(certificate.extensions.extendedKeyUsage, old.extensions.extendedKeyUsage);
      assert.ok(certificate.notAfter > old.notAfter && certificate.subject.matches(old.subject));
    }
    assert.equal((await read("later.pem")).pem, later.pem);
    assert.equal((await renew("soon.pem")).stdout, "nothing expires soon\n");
    await issue("other.pem", 90, "server", stranger);
    assert.match((await renew("other.pem")).stderr, /other\.pem: this CA did not issue the certificate/);
    await issue("ca-below.pem", 90, "ca");
    assert.match((await renew("ca-below.pem")).stderr, /ca-below\.pem: a CA cannot be renewed/);
  });
});
