/** ACME with Pebble, the test server of Let's Encrypt's developers, which checks what a public CA checks. */

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  type Challenge,
  type ChallengeSolver,
  type Fetch,
  HttpChallenges,
  obtainCertificate,
  type ObtainOptions,
  renewalTime,
  TlsAlpnChallenges,
} from "../../src/acme/mod.ts";
import { type AcceptSecurity, connect, serve } from "../../mod.ts";
import { dial, listen } from "../../src/transport/node.ts";
import { generateEcKey } from "../../src/crypto/ec/keys.ts";
import {
  createCertificateRequest,
  exportPrivateKey,
  generateKey,
  issueCertificate,
  type KeyType,
  matchesName,
  parseCertificates,
} from "../../src/x509/mod.ts";
import { rsa2048 } from "../_kit/keys.ts";
import { assert, test } from "../_kit/mod.ts";
import { freePort } from "../_kit/peer.ts";
import { root } from "../_kit/pki.ts";
import { until } from "../_kit/until.ts";
import { inFolder } from "../cli/_kit.ts";

const VERSION = "v2.10.3";
/** Pebble is built once on each machine. */
const PROGRAMS = join(tmpdir(), `fesa-pebble-${VERSION}`);
const run = promisify(execFile);

/** Pebble, and a DNS server that resolves every name to this machine. */
class Pebble implements AsyncDisposable {
  readonly directory: string;
  readonly fetch: Fetch;
  readonly httpPort: number;
  readonly tlsPort: number;
  /** The URL at which records of the DNS server are set. */
  readonly dnsControl: string;
  readonly #folder: string;
  readonly #processes: readonly ChildProcess[];

  private constructor(ports: readonly number[], folder: string, processes: readonly ChildProcess[]) {
    this.directory = `https://127.0.0.1:${ports[0]}/dir`;
    this.httpPort = ports[2];
    this.tlsPort = ports[3];
    this.dnsControl = `http://127.0.0.1:${ports[5]}`;
    this.fetch = fetchTrusting(root.certificate.pem);
    this.#folder = folder;
    this.#processes = processes;
  }

  static async start(): Promise<Pebble> {
    for (const program of ["pebble", "pebble-challtestsrv"]) {
      if (existsSync(join(PROGRAMS, program))) continue;
      const module = `github.com/letsencrypt/pebble/v2/cmd/${program}@${VERSION}`;
      await run("go", ["install", module], { env: { ...process.env, GOBIN: PROGRAMS } });
    }
    const folder = await mkdtemp(join(tmpdir(), "fesa-pebble-"));
    const certificate = issueCertificate(
      root,
      createCertificateRequest(rsa2048, { subject: "CN=pebble", names: ["127.0.0.1"] }),
    );
    await writeFile(join(folder, "cert.pem"), certificate.pem);
    await writeFile(join(folder, "key.pem"), exportPrivateKey(rsa2048));
    const ports = await Promise.all(Array.from({ length: 6 }, freePort));
    const [acme, management, http, tls, dns, control] = ports;
    await writeFile(
      join(folder, "config.json"),
      JSON.stringify({
        pebble: {
          listenAddress: `127.0.0.1:${acme}`,
          managementListenAddress: `127.0.0.1:${management}`,
          certificate: join(folder, "cert.pem"),
          privateKey: join(folder, "key.pem"),
          httpPort: http,
          tlsPort: tls,
          retryAfter: { authz: 1, order: 1 },
          keyAlgorithm: "ecdsa",
          profiles: { default: { description: "the usual", validityPeriod: 7_776_000 } },
        },
      }),
    );
    // Pebble refuses one nonce in twenty. At one in five, six in a row are refused once in some hundred runs.
    const environment = { ...process.env, PEBBLE_VA_NOSLEEP: "1", PEBBLE_WFE_NONCEREJECT: "5" };
    const start = (program: string, words: readonly string[]) =>
      spawn(join(PROGRAMS, program), words, { env: environment, stdio: "ignore" });
    const off = ["-http01", "", "-https01", "", "-tlsalpn01", "", "-doh", ""];
    const processes = [
      start("pebble-challtestsrv", [
        ...off,
        ...["-defaultIPv4", "127.0.0.1", "-defaultIPv6", ""],
        ...["-dnsserver", `127.0.0.1:${dns}`, "-management", `127.0.0.1:${control}`],
      ]),
      start("pebble", ["-config", join(folder, "config.json"), "-dnsserver", `127.0.0.1:${dns}`]),
    ];
    const pebble = new Pebble(ports, folder, processes);
    await until(() => pebble.fetch(pebble.directory, {}), { about: () => "Pebble does not answer" });
    return pebble;
  }

  /** A new account. */
  account(): Pick<ObtainOptions, "directory" | "fetch" | "accountKey" | "email" | "agreeToTerms"> {
    const { directory, fetch } = this;
    const accountKey = generateEcKey("P-256");
    return { directory, fetch, accountKey, email: "admin@server.example", agreeToTerms: true };
  }

  /** Sets and removes records of the DNS server, for dns-01. */
  get dns(): ChallengeSolver {
    const call = async (path: string, { domain, dnsValue }: Challenge) => {
      const body = JSON.stringify({ host: `_acme-challenge.${domain}.`, value: dnsValue });
      const answer = await fetch(`${this.dnsControl}/${path}`, { method: "POST", body });
      assert.ok(answer.ok);
      await answer.body?.cancel();
    };
    return {
      type: "dns-01",
      present: (challenge) => call("set-txt", challenge),
      withdraw: (challenge) => call("clear-txt", challenge),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const process of this.#processes) process.kill();
    await rm(this.#folder, { recursive: true });
  }
}

/** A `fetch` over node:https that trusts Pebble's root, which the runtime's `fetch` does not trust. */
function fetchTrusting(ca: string): Fetch {
  return (url, { method = "GET", headers, body }) =>
    new Promise((resolve, reject) => {
      const sent = request(url, { method, headers: headers as Record<string, string>, ca }, (answer) => {
        const chunks: Uint8Array[] = [];
        answer.on("data", (chunk) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () => {
          const fields = Object.entries(answer.headers).map(([name, value]) =>
            [name, String(value)] as [string, string]
          );
          resolve(new Response(Buffer.concat(chunks), { status: answer.statusCode!, headers: fields }));
        });
      });
      sent.on("error", reject);
      sent.end(body as string | undefined);
    });
}

test("pebble: a certificate for each kind of key, and its renewal", {
  needs: ["go"],
  on: ["node"],
  timeout: 600_000, // it builds Pebble
}, async () => {
  await using pebble = await Pebble.start();
  const challenges = new HttpChallenges();
  const web = createServer(({ url }, response) => {
    const answer = challenges.answer(url ?? "");
    response.writeHead(answer === undefined ? 404 : 200).end(answer);
  });
  await new Promise<void>((resolve) => web.listen(pebble.httpPort, "127.0.0.1", resolve));
  try {
    const account = pebble.account();
    for (const type of ["p256", "rsa", "p384"] satisfies KeyType[]) {
      const key = await generateKey(type);
      const order = {
        ...account,
        key,
        domains: ["server.example", "www.server.example"],
        solver: challenges,
      };
      const [first] = await obtainCertificate(order);
      assert.ok(matchesName(first, "www.server.example"), type);
      const { at, askAgain } = await renewalTime(account, first);
      assert.ok(askAgain !== undefined && at > first.notBefore && at < first.notAfter);
      const [second] = await obtainCertificate({ ...order, replaces: first });
      assert.notDeepEqual(second.serialNumber, first.serialNumber);
    }
  } finally {
    web.closeAllConnections();
    web.close();
  }
});

test("pebble: a wildcard by dns-01, and a renewal by tls-alpn-01 on the server's own port, under load", {
  needs: ["go"],
  on: ["node"],
}, async () => {
  await using pebble = await Pebble.start();
  const account = pebble.account();
  const key = await generateKey("p256");
  const wildcard = ["*.server.example"];
  const first = await obtainCertificate({ ...account, key, domains: wildcard, solver: pebble.dns });
  assert.ok(matchesName(first[0], "any.server.example"));

  const offer = (certificates: typeof first): AcceptSecurity => ({
    setting: "certificate",
    key,
    certificates,
  });
  const solver = new TlsAlpnChallenges();
  let own = offer(first);
  const errors: string[] = [];
  const listener = await listen({ host: "127.0.0.1", port: pebble.tlsPort });
  await using _server = serve(listener, {
    security: () => [...solver.security, own],
    onError: (error) => errors.push(String(error)),
  }, async (channel) => {
    for await (const message of channel) await channel.send(message);
  });

  const domains = ["www.server.example"];
  let renewed: typeof first | undefined;
  let failure: unknown;
  const renewing = obtainCertificate({ ...account, key, domains, solver }).then((chain) => {
    own = offer(chain);
    renewed = chain;
  }, (error) => failure = error);
  const shown = new Set<string>();
  do {
    assert.equal(failure, undefined);
    const roots = [first.at(-1)!, ...(renewed ?? [])];
    const security = { setting: "certificate", roots, serverName: "www.server.example" } as const;
    const channel = await connect(await dial({ host: "127.0.0.1", port: pebble.tlsPort }), { security });
    await channel.send("hello");
    assert.equal(new TextDecoder().decode((await channel.receive())!), "hello");
    shown.add(channel.info.peer.certificates![0].fingerprint);
    await channel.close();
  } while (!renewed || !shown.has(renewed[0].fingerprint));
  await renewing;
  assert.deepEqual(shown, new Set([first[0].fingerprint, renewed[0].fingerprint]));
  assert.ok(errors.every((error) => /a CA checked the answer to its challenge/.test(error)), errors.join());
});

test("pebble: one command from nothing to a server with a certificate", {
  needs: ["go", "processes"],
  on: ["node"],
}, async () => {
  await using pebble = await Pebble.start();
  await inFolder(async (path) => {
    await writeFile(path("pebble.pem"), root.certificate.pem);
    const address = `127.0.0.1:${pebble.tlsPort}`;
    const command = ["serve", "--listen", address, "--setting", "certificate", "--acme", "--agree-tos"];
    const names = ["--domain", "server.example", "--directory", pebble.directory, "--tls-listen", address];
    const files = ["--key", path("key.pem"), "--certificate", path("chain.pem")];
    const account = ["--account-key", path("account.pem")];
    const server = spawn(
      process.execPath,
      ["--import", "tsx", "src/cli/main.ts", ...command, ...names, ...files, ...account],
      { env: { ...process.env, NODE_EXTRA_CA_CERTS: path("pebble.pem") }, stdio: ["ignore", "pipe", "pipe"] },
    );
    const exited = new Promise((resolve) => server.once("exit", resolve));
    try {
      let output = "";
      const listens = new Promise<void>((resolve, reject) => {
        server.stderr.on("data", (text) => output += text);
        server.stdout.on("data", (text) => String(text).startsWith("listening on ") && resolve());
        server.once("exit", () => reject(new Error(output)));
      });
      await listens;
      assert.match(output, /chain\.pem: a new certificate, until/);
      const [, ...issuers] = parseCertificates(await readFile(path("chain.pem"), "utf8"));
      const security = { setting: "certificate", roots: issuers, serverName: "server.example" } as const;
      const channel = await connect(await dial({ host: "127.0.0.1", port: pebble.tlsPort }), { security });
      await channel.close();
    } finally {
      server.kill("SIGKILL");
      await exited;
    }
  });
});
