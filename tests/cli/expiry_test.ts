import { writeFile } from "node:fs/promises";
import { assert, test } from "../_kit/mod.ts";
import { expiresSoon } from "../../src/cli/expiry.ts";
import {
  createCertificateAuthority,
  createCertificateRequest,
  generateKey,
  issueCertificate,
} from "../../src/x509/mod.ts";
import { fesa, inFolder } from "./_kit.ts";

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
