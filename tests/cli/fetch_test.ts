/** `fesa verify --fetch`: fetches missing intermediates from the URLs in the certificates. */

import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { der } from "../../src/asn1/mod.ts";
import type { Certificate } from "../../src/x509/mod.ts";
import { encodeGeneralName } from "../../src/x509/names/general_name.ts";
import { rsa1024, rsa2048, rsa3072 } from "../_kit/keys.ts";
import { assert, test } from "../_kit/mod.ts";
import { known, makeCa, makeServer } from "../x509/_make.ts";
import { fesa, inFolder } from "./_kit.ts";

/** A PKCS#7 bundle that contains only certificates. */
function bundle(...certificates: readonly Certificate[]): Uint8Array {
  const empty = der.sequence(der.oid("1.2.840.113549.1.7.1"));
  const list = der.implicit(0, der.sequence(...certificates.map((certificate) => certificate.der)));
  const data = der.sequence(der.integer(1), der.setOf(), empty, list, der.setOf());
  return der.sequence(der.oid("1.2.840.113549.1.7.2"), der.explicit(0, data));
}

/** Serves files on loopback while `work` runs. */
async function serving(
  files: ReadonlyMap<string, Uint8Array>,
  work: (base: string) => Promise<void>,
): Promise<void> {
  const server = createServer(({ url = "" }, response) => {
    const file = files.get(url);
    response.writeHead(file === undefined ? 404 : 200).end(file);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
  }
}

test(
  "tool: verify names a missing intermediate, and fetches it",
  { on: ["node", "deno", "bun"] },
  async () => {
    const dates = { notAfter: "2049-12-31T23:59:59Z" };
    const files = new Map<string, Uint8Array>();
    await inFolder(async (path) => {
      await serving(files, async (base) => {
        const issuerAt = (url: string) => {
          const location = encodeGeneralName({ type: "uri", value: `${base}${url}` });
          return [
            known("authorityInfoAccess", der.sequence(der.sequence(der.oid("1.3.6.1.5.5.7.48.2"), location))),
          ];
        };
        const one = makeCa({
          subject: "CN=One",
          issuer: "CN=Two",
          signer: rsa3072,
          ...dates,
          extensions: issuerAt("/two.p7c"),
        });
        const two = makeCa({ subject: "CN=Two", issuer: "CN=Root", key: rsa3072, signer: rsa2048, ...dates });
        const server = makeServer({
          issuer: "CN=One",
          signer: rsa1024,
          ...dates,
          extensions: issuerAt("/one.cer"),
        });
        const astray = makeServer({
          issuer: "CN=Three",
          signer: rsa1024,
          ...dates,
          extensions: issuerAt("/one.cer"),
        });
        const absent = makeServer({
          issuer: "CN=Three",
          signer: rsa1024,
          ...dates,
          extensions: issuerAt("/none"),
        });
        files.set("/one.cer", one.der);
        files.set("/two.p7c", bundle(two));
        const root = makeCa({
          subject: "CN=Root",
          issuer: "CN=Root",
          key: rsa2048,
          signer: rsa2048,
          ...dates,
        });
        await writeFile(path("root.pem"), root.pem);
        const verify = async (certificate: Certificate, ...more: string[]) => {
          await writeFile(path("server.pem"), certificate.pem);
          const roots = ["--roots", path("root.pem"), "--allow-weak", "--name", "host.example"];
          return await fesa(["verify", ...roots, ...more, path("server.pem")]);
        };
        const without = await verify(server);
        assert.equal(without.code, 1);
        assert.match(without.stderr, /the issuer of CN=server, CN=One, is missing/);
        const fetched = await verify(server, "--fetch");
        assert.equal(fetched.stdout, "valid: CN=server < CN=One < CN=Two < CN=Root\n", fetched.stderr);
        assert.match(fetched.stderr, /fetching the issuer of CN=One from http:.*two\.p7c/);
        assert.match(
          (await verify(astray, "--fetch")).stderr,
          /does not contain the certificate of CN=Three/,
        );
        assert.match((await verify(absent, "--fetch")).stderr, /the answer is 404/);
      });
    });
  },
);
