import { readFile, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { toUtf8 } from "../../src/bytes.ts";
import { connectTls } from "../../src/tls/mod.ts";
import { dial } from "../../src/transport/node.ts";
import { checkServerConfig } from "../../src/cli/server/config.ts";
import { samePublicKey } from "../../src/x509/keys/public_key.ts";
import { parseCertificates, parsePrivateKey } from "../../src/x509/mod.ts";
import { assert, test } from "../_kit/mod.ts";
import { freePort } from "../_kit/peer.ts";
import { PATIENCE } from "../_kit/until.ts";
import { TestCa, type TestCaOptions } from "../acme/_ca.ts";
import { fesa, inFolder } from "./_kit.ts";
import { listening } from "./_serving.ts";

/** Runs `work` with a test CA at its own address. */
async function withCa(
  options: Partial<TestCaOptions>,
  work: (directory: string, ca: TestCa) => Promise<void>,
): Promise<void> {
  const server = createServer(async (request, response) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, headers, url } = request;
    const body = method === "POST" ? Buffer.concat(chunks).toString() : undefined;
    if (url === "/elsewhere") return void response.writeHead(302, { location: "/directory" }).end();
    const answer = await ca.fetch(base + url, {
      method: method!,
      headers: { "content-type": headers["content-type"] ?? "" },
      redirect: "error",
      body: body ?? null,
    });
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(new Uint8Array(await answer.arrayBuffer()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ca = await TestCa.make({ base, look: () => undefined, ...options });
  try {
    await work(ca.directory, ca);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const NODE = { needs: ["node:"] } as const;

test(
  "acme: the tool gets a certificate through its own listener, and does not renew it early",
  NODE,
  async () => {
    let port = 0;
    const look = async (path: string) => await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
    await withCa({ look }, (directory, ca) =>
      inFolder(async (path) => {
        port = await freePort();
        const words = [
          ...[
            "acme",
            "--directory",
            directory,
            "--domain",
            "server.example,www.server.example",
            "--agree-tos",
          ],
          ...["--http-listen", `127.0.0.1:${port}`, "--account-key", path("account.pem")],
          ...["--key", path("key.pem"), "--out", path("chain.pem")],
        ];
        const first = await fesa(words);
        assert.equal(first.code, 0, first.stderr);
        assert.match(
          first.stdout,
          /a new certificate, for DNS:server\.example, DNS:www\.server\.example, until/,
        );
        const [leaf] = parseCertificates(await readFile(path("chain.pem"), "utf8"));
        assert.ok(samePublicKey(leaf.publicKey, parsePrivateKey(await readFile(path("key.pem"), "utf8"))));
        for (const file of ["account.pem", "key.pem"]) {
          assert.equal((await stat(path(file))).mode & 0o77, 0, file);
        }

        const orders = () => ca.requests.filter((request) => request === "/order").length;
        const second = await fesa(words);
        assert.match(second.stdout, /the certificate is current/);
        assert.equal(orders(), 1);
        const forced = await fesa([...words, "--force", "--json"]);
        assert.equal(JSON.parse(forced.stdout).isNew, true);
        assert.equal(orders(), 2);
      }));
  },
);

test("acme: the tool answers in a folder of a web server, and takes the answer away", NODE, async () => {
  await inFolder(async (path) => {
    const look = (name: string) => readFile(path("www") + name, "utf8");
    await withCa({ look }, async (directory) => {
      const ran = await fesa([
        ...["acme", "--directory", directory, "--domain", "server.example", "--agree-tos"],
        ...["--webroot", path("www"), "--account-key", path("account.pem"), "--type", "rsa"],
        ...["--key", path("key.pem"), "--out", path("chain.pem")],
      ]);
      assert.equal(ran.code, 0, ran.stderr);
      await assert.rejects(look(`/.well-known/acme-challenge/${"t".repeat(30)}0`), { code: "ENOENT" });
    });
  });
});

test(
  "acme: the tool runs a program that sets the DNS records",
  { needs: ["node:", "processes"] },
  async () => {
    await inFolder(async (path) => {
      await writeFile(path("hook"), `#!/bin/sh\necho "$1 $2" >> ${path("calls")}\n`, { mode: 0o755 });
      await withCa({ look: (name) => `${name.split("/").at(-1)}.` }, async (directory) => {
        const ran = await fesa([
          ...["acme", "--directory", directory, "--domain", "*.server.example", "--agree-tos"],
          ...["--dns-hook", path("hook"), "--account-key", path("account.pem")],
          ...["--key", path("key.pem"), "--out", path("chain.pem")],
        ]);
        assert.equal(ran.code, 0, ran.stderr);
        const name = "_acme-challenge.server.example";
        assert.equal(await readFile(path("calls"), "utf8"), `set ${name}\nclear ${name}\n`);
      });
    });
  },
);

test("acme: the tool says what is wrong before it asks the CA, and what the CA refuses", NODE, async () => {
  for (
    const [words, problem] of [
      [[], "--domain is missing"],
      [["--domain", "email:a@b.example"], "--domain: email:a@b.example is not a DNS name or an IP address"],
      [["--domain", "*.a.example"], "--dns-hook is missing, which a wildcard needs"],
      [
        ["--domain", "a.example", "--webroot", "a", "--dns-hook", "b"],
        "--http-listen, --webroot, --dns-hook and --tls-listen exclude each other",
      ],
      [["--domain", "a.example", "--eab-kid", "1"], "--eab-kid and --eab-key-file go together"],
      [["--domain", "a.example", "--directory", "nonsense"], "--directory: nonsense is not a URL"],
    ] as const
  ) {
    const { code, stderr } = await fesa(["acme", ...words]);
    assert.equal(code, 2);
    assert.ok(stderr.includes(problem), stderr);
  }
  await withCa({}, (directory) =>
    inFolder(async (path) => {
      const words = [
        ...["acme", "--directory", directory, "--domain", "server.example", "--webroot", path("www")],
        ...["--account-key", path("account.pem"), "--key", path("key.pem"), "--out", path("chain.pem")],
      ];
      const unread = await fesa(words);
      assert.equal(unread.code, 1);
      assert.match(unread.stderr, /you must agree to the CA's terms: read https:\/\/ca\.example\/terms/);
      const elsewhere = words.map((word) =>
        word === directory ? new URL("/elsewhere", directory).href : word
      );
      assert.match((await fesa(elsewhere)).stderr, /the ACME server cannot be reached: .*redirect/i);
      const refused = await fesa([...words, "--agree-tos"]);
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, /unauthorized: nobody answers at the name/);
    }));
});

test("acme: a server gets its certificate by itself, and keeps it", NODE, async () => {
  await inFolder(async (path) => {
    const look = (name: string) => readFile(path("www") + name, "utf8");
    await withCa({ look }, async (directory, ca) => {
      await writeFile(path("root.pem"), ca.root.pem);
      const words = [
        ...[
          "serve",
          "--listen",
          "127.0.0.1:0",
          "--setting",
          "certificate",
          "--acme",
          "--domain",
          "server.example",
        ],
        ...["--directory", directory, "--agree-tos", "--webroot", path("www")],
        ...[
          "--account-key",
          path("account.pem"),
          "--key",
          path("key.pem"),
          "--certificate",
          path("chain.pem"),
        ],
      ];
      for (const state of ["a new certificate", "current"]) {
        const { stderr } = await listening(words, async (address) => {
          const { code, stdout, stderr } = await fesa(
            [
              ...["connect", address, "--setting", "certificate", "--roots", path("root.pem")],
              ...["--name", "server.example"],
            ],
            { stdin: once("hello\n") },
          );
          assert.equal(code, 0, stderr);
          assert.equal(stdout, "hello\n");
        });
        assert.ok(stderr.includes(`chain.pem: ${state}, until`), stderr);
      }
      assert.equal(ca.requests.filter((request) => request === "/order").length, 1);
    });
  });
});

test("acme: a server renews by tls-alpn-01 on its own port while channels come and go", NODE, async () => {
  await inFolder(async (path) => {
    const address = `127.0.0.1:${await freePort()}`;
    const windows = { start: "2001-01-01T00:00:00Z", end: "2001-01-02T00:00:00Z" }; // always time to renew
    const look = async (name: string) =>
      await showsAnswer(address) ? `${name.split("/").at(-1)}.` : undefined;
    let fault: (() => Response) | undefined;
    const faults = { "/order": () => fault?.() };
    const challenges = ["tls-alpn-01"];
    await withCa({ look, challenges, faults, renewalWindow: () => windows }, async (directory, ca) => {
      await writeFile(path("root.pem"), ca.root.pem);
      const words = [
        ...["serve", "--listen", address, "--setting", "certificate", "--acme", "--domain", "server.example"],
        ...["--directory", directory, "--agree-tos", "--tls-listen", address],
        ...["--account-key", path("account.pem"), "--key", path("key.pem")],
        ...["--certificate", path("chain.pem")],
      ];
      const client = [
        ...["connect", address, "--setting", "certificate", "--roots", path("root.pem")],
        ...["--name", "server.example"],
      ];
      /** Connects repeatedly until the server has logged this text. */
      const loadUntil = async (said: RegExp) => {
        let stderr = "";
        const ran = await listening(words, async () => {
          const end = performance.now() + PATIENCE;
          do {
            assert.ok(performance.now() < end, `the server never says ${said}: ${stderr}`);
            const ran = await fesa(client, { stdin: once("hello\n") });
            assert.deepEqual([ran.code, ran.stdout], [0, "hello\n"], ran.stderr);
          } while (!said.test(stderr));
        }, { onErrors: (text) => stderr = text });
        return ran.stderr;
      };
      assert.match(await loadUntil(/chain\.pem: a new certificate/), /a new certificate/); // before it listens
      const first = await readFile(path("chain.pem"), "utf8");

      fault = () => Response.json({ type: "urn:ietf:params:acme:error:rateLimited" }, { status: 429 });
      const limited = await loadUntil(/was not renewed/);
      assert.match(limited, /current, until[^]*was not renewed: .*rateLimited.*; next try/);
      fault = () => new Response("<html>", { status: 500 });
      assert.match(await loadUntil(/was not renewed/), /status 500/);
      assert.equal(await readFile(path("chain.pem"), "utf8"), first);

      fault = undefined;
      const renewed = await loadUntil(/were read again/);
      assert.match(renewed, /a CA checked the answer to its challenge/);
      assert.notEqual(await readFile(path("chain.pem"), "utf8"), first);
    });
  });
});

/** Returns whether a server presents the answer to a challenge. */
async function showsAnswer(address: string): Promise<boolean> {
  const [host, port] = address.split(":");
  let shown = false;
  const ca = await connectTls(await dial({ host, port: Number(port) }), {
    serverName: "server.example",
    alpnProtocols: ["acme-tls/1"],
    verifyPeer: (peer) => {
      shown = peer.type === "x509" && peer.chain[0].allExtensions.some(({ oid }) => oid.endsWith(".7.1.31"));
    },
  });
  await ca.close();
  return shown;
}

test("acme: the configuration of a server names its CA, and what is wrong about that", () => {
  const security = (acme: object) => ({
    listen: "127.0.0.1:0",
    security: [{ setting: "certificate", certificate: "chain.pem", key: "key.pem", acme }],
  });
  assert.ok(checkServerConfig(security({ domains: ["server.example"], agreeToTerms: true })));
  for (
    const [acme, problem] of [
      [{}, /security\[0\]\.acme\.domains is missing/],
      [{ domains: [] }, /acme\.domains is empty/],
      [{ domains: ["uri:https://a.example/"] }, /acme\.domains\[0\]/],
      [{ domains: ["*.a.example"] }, /acme\.dnsHook is missing/],
      [{ domains: ["a.example"], httpListen: "80", webroot: "www" }, /exclude each other/],
      [{ domains: ["a.example"], externalKeyId: "1" }, /go together/],
    ] as const
  ) {
    assert.throws(() => checkServerConfig(security(acme)), problem);
  }
});

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(toUtf8(text));
}
