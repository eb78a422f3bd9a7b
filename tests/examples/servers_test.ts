/** The examples that connect to real servers: PostgreSQL and nginx with their own TLS. */
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { requestTls } from "../../examples/postgres/stream.ts";
import { connectTls, type HandshakeStep } from "../../src/tls/mod.ts";
import { dial } from "../../src/transport/node.ts";
import { parseCertificates } from "../../src/x509/mod.ts";
import { assert, type Need, test, type TestOptions } from "../_kit/mod.ts";
import { Files } from "../_kit/files.ts";
import { freePort } from "../_kit/peer.ts";
import { ChannelError } from "../../mod.ts";
import { type BrowserName, openPage, shown } from "../web/_browser_page.ts";
import { clone, Running } from "./_kit.ts";
import { PASSWORD, Postgres, USER } from "./_postgres.ts";
import { rollingRestart } from "./_rolling_restart.ts";

const on: TestOptions["on"] = ["node"];

test("examples: PostgreSQL by the driver pg", { on, needs: ["processes", "initdb"] }, async () => {
  const { run, folder } = await clone();
  await using server = await Postgres.start(join(folder, "keys"));
  Object.assign(process.env, { PGUSER: USER, PGPASSWORD: PASSWORD });
  await using client = run("examples/postgres/client.ts", server.port);
  await client.succeeds();
  assert.match(client.output, /^the server says: TLSv1\.3, TLS_AES_256_GCM_SHA384\n$/);

  // PostgreSQL before version 18 accepts only secp256r1, for which the first ClientHello has no key share.
  const transport = await dial({ host: "127.0.0.1", port: server.port });
  await requestTls(transport);
  const steps: HandshakeStep[] = [];
  const connection = await connectTls(transport, {
    serverName: "localhost",
    roots: parseCertificates(readFileSync(join(folder, "keys/root.pem"), "utf8")),
    trace: (step) => steps.push(step),
  });
  const sent = steps.filter(({ direction }) => direction === "sent").map(({ message }) => message);
  if (server.version < 18) {
    assert.equal(connection.info.group, "secp256r1");
    assert.deepEqual(sent, ["ClientHello", "ChangeCipherSpec", "ClientHello", "Finished"]);
  } else assert.equal(connection.info.group, "x25519");
  await connection.writable.abort();
});

const BROWSERS: readonly (readonly [BrowserName, Need])[] = [
  ["chromium", "chromium"],
  ["firefox", "firefox-esr"],
];

for (const [name, need] of BROWSERS) {
  test(
    `examples: PostgreSQL by the driver pg in ${name}`,
    { on, needs: ["processes", "initdb", need] },
    async () => {
      const { run, folder } = await clone();
      await using server = await Postgres.start(join(folder, "keys"));
      await using pages = run("examples/postgres/pages.ts", await freePort());
      const origin = `http://127.0.0.1:${await pages.port()}`;
      await using relay = run("examples/tls_in_browser/relay.ts", 0, server.port, origin);
      await using page = await openPage(name);
      await page.open(`${origin}/#${await relay.port()}`);
      await page.type("[name=password]", PASSWORD);
      await page.click("button");
      const text = await shown(page, "output", /the server|Error/);
      assert.match(text, /^the server says: TLSv1\.3, TLS_AES_256_GCM_SHA384$/);
      assert.doesNotMatch(relay.output, new RegExp(Buffer.from(USER).toString("hex")));
    },
  );
}

test("examples: HTTPS from nginx", { on, needs: ["processes", "nginx"] }, async () => {
  const { run, folder } = await clone();
  const port = await freePort();
  using files = new Files();
  const configuration = files.write(
    "nginx.conf",
    `daemon off;
pid ${files.path}/pid;
error_log stderr notice;
events {}
http {
  access_log off;
  ${
      ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${files.path};`)
        .join("\n  ")
    }
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${folder}/keys/certificate.pem;
    ssl_certificate_key ${folder}/keys/key.pem;
    location / { return 200 "You asked for $request_uri, by $ssl_protocol\\n"; }
  }
}
`,
  );
  await using nginx = new Running(`nginx -e stderr -c ${configuration}`, folder);
  await nginx.says(/start worker process/);
  await using client = run("examples/https/client.ts", port, "/secret");
  await client.succeeds();
  assert.match(
    client.output,
    /^TLS_\w+\n\nHTTP\/1\.1 200 OK\r\n[^]*You asked for \/secret, by TLSv1\.[23]\n/,
  );
});

test(
  "examples: two servers behind HAProxy, restarted in turn under busy clients, lose no confirmed message",
  {
    on,
    needs: ["processes", "haproxy"],
  },
  async () => {
    const clients = 20; // `npm run restart -- 200` does the same with more
    const { confirmed, lost, failures, untold } = await rollingRestart(clients);
    assert.ok(confirmed > 10 * clients, `${confirmed} messages were confirmed`);
    assert.deepEqual(lost, []);
    assert.deepEqual(failures.filter((error) => !(error instanceof ChannelError)), []);
    assert.equal(untold, 0, "each round was told of");
  },
);
