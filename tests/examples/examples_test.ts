import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../_kit/peer.ts";
import { connect, pin } from "../../mod.ts";
import { dial } from "../../src/transport/node.ts";
import { assert, test, type TestOptions } from "../_kit/mod.ts";
import { until } from "../_kit/until.ts";
import { ROOT } from "../../tools/runtimes.ts";
import { clone, COMMANDS, Running } from "./_kit.ts";

const EXAMPLES = join(ROOT, "examples");

/** The examples that other examples serve or that `npm start` runs. */
const NOT_RUN_ALONE = [
  "main_job.ts",
  "browser/page.js",
  "postgres/globals.js",
  "postgres/page.js",
  "postgres/stream.ts",
  "tls_in_browser/page.js",
  "keys_if_missing.ts",
];

/** The examples choose their own runtimes, so this test runs on one runtime only. */
const ONCE: TestOptions = { on: ["node"], needs: ["processes"] };

test("examples: each is in the table, with the command that it begins with", ONCE, () => {
  const files = readdirSync(EXAMPLES, { recursive: true, encoding: "utf8" })
    .filter((file) => /^(?!web\b).*\.(ts|js|sh)$/.test(file) && !NOT_RUN_ALONE.includes(file));
  assert.ok(files.length > 10);
  for (const file of files) {
    const [start] =
      /(?<=^(#| \*) {5})\S.*?\.(ts|js|sh)\b/m.exec(readFileSync(join(EXAMPLES, file), "utf8")) ??
        [""];
    assert.ok(start.endsWith(` examples/${file}`), `${file} does not begin with its command`);
    assert.ok(COMMANDS.some((command) => command.startsWith(start)), `examples/README.md has no ${start}`);
  }
});

test("examples: the keys are for their owner alone", ONCE, async () => {
  const { run, folder } = await clone();
  const mode = (name: string) => statSync(join(folder, "keys", name)).mode & 0o077;
  assert.deepEqual([mode("key.pem"), mode("secret")], [0, 0]);
  await using again = run("examples/keys.ts");
  await again.says(/EEXIST/);
});

for (
  const [runtime, greeting] of [
    ["node", /^hello from Node, by TLS_AES_256_GCM_SHA384\n$/],
    ["deno", /^hello from Deno, by Noise_NNpsk0_25519_ChaChaPoly_SHA256\n$/],
    ["bun", /^hello from Bun, by TLS_AES_256_GCM_SHA384\n$/],
  ] as const
) {
  test(`examples: a server and a client on ${runtime}`, ONCE, async () => {
    const { run } = await clone();
    await using server = run(`examples/${runtime}/server.ts`, 0);
    await using client = run(`examples/${runtime}/client.ts`, await server.port());
    await client.succeeds();
    assert.match(client.output, greeting);
    server.interrupt();
    await server.succeeds();
  });
}

test("examples: a client that reconnects to a server that was killed", ONCE, async () => {
  const { run } = await clone();
  await using first = run("examples/node/server.ts", 0);
  const port = await first.port();
  await using client = run("examples/node/reconnecting.ts", port);
  await client.says(/^question 1$/m);
  await first[Symbol.asyncDispose]();
  await client.says(/^again in \d+ ms, since ChannelError/m);
  await using _second = run("examples/node/server.ts", port);
  await client.says(/^again in [^]*^open$[^]*^question \d+$/m);
  client.interrupt();
  await client.succeeds();
});

test("examples: mutual authentication with pins", ONCE, async () => {
  const { run } = await clone();
  await using program = run("examples/mutual_pins.ts");
  await program.succeeds();
  assert.match(program.output, /^the client was told: hello, sha256:\S+$/m);
  assert.match(program.output, /^the server: ChannelError: the peer's key sha256:\S+ is not among the pins/m);
  assert.match(program.output, /^the stranger: ChannelError: the peer ended the session/m);
});

/** Runs the tool, as `fesa` does when the package is installed. */
const FESA = "node --import tsx src/cli/main.ts";
const SECRET = "--setting native --secret-file keys/secret";

test("examples: a file transfer with progress, which the tool joins in", ONCE, async () => {
  const { run, folder } = await clone();
  const size = 3_000_000;
  const bytes = randomBytes(size);
  writeFileSync(join(folder, "sample"), bytes);

  await using server = run("examples/file_transfer/server.ts", 0);
  const port = await server.port();
  await using client = run("examples/file_transfer/client.ts", port);
  await using tool = new Running(`${FESA} connect 127.0.0.1:${port} ${SECRET} --send sample`, folder);
  await Promise.all([client.succeeds(), tool.succeeds()]);
  assert.match(client.output, /█{30} 100 %\nSHA-256 [0-9a-f]{64} at both ends\n$/);
  assert.deepEqual(readFileSync(join(folder, "inbox/sample")), bytes);
  assert.deepEqual(
    readFileSync(join(folder, "inbox/README.md")),
    readFileSync(join(folder, "README.md")),
  );
  server.interrupt();
  await server.succeeds();
  assert.match(server.output, new RegExp(`^received sample: ${size} bytes`, "m"));
});

test(
  "examples: the tool receives what the example sends, and the example reports a refusal",
  ONCE,
  async () => {
    const { run, folder } = await clone();
    await using server = new Running(
      `${FESA} serve --listen 127.0.0.1:0 ${SECRET} --receive-dir received`,
      folder,
    );
    const port = await server.port();
    await using client = run("examples/file_transfer/client.ts", port);
    await client.succeeds();
    assert.deepEqual(
      readFileSync(join(folder, "received/README.md")),
      readFileSync(join(folder, "README.md")),
    );
    await using again = run("examples/file_transfer/client.ts", port);
    await again.says(/Error: .*README\.md/);
  },
);

test(
  "examples: connections counted for Prometheus, and a server that is ready until it ends",
  ONCE,
  async () => {
    const { run } = await clone();
    await using server = run("examples/metrics/server.ts", 0, 0);
    const port = await server.port();
    const [, metrics] = await server.says(/^metrics on (\S+)$/m);
    await using client = run("examples/node/client.ts", port);
    await client.succeeds();
    const ready = async () => (await fetch(new URL("/ready", metrics))).status;
    assert.equal(await ready(), 200);
    const text = await until(async () => await (await fetch(metrics)).text(), {
      holds: (text) => text.includes("fesa_connections 0\n"),
    });
    assert.match(text, /^fesa_connections_ended_total\{setting="certificate",reason="closed"\} 1$/m);
    assert.match(text, /^fesa_handshake_seconds_count\{setting="certificate"\} 1$/m);
    assert.match(text, /^fesa_bytes_total\{direction="in"\} \d{3,}$/m);

    server.interrupt();
    await server.succeeds();
  },
);

for (const server of ["express", "fastify", "hono", "deno", "bun"]) {
  test(`examples: pages and channels on one port: ${server}`, ONCE, async () => {
    const { run } = await clone();
    await using http = run(`examples/http/${server}.ts`, 0);
    await using client = run("examples/http/client.ts", await http.port());
    await client.succeeds();
    assert.equal(client.output, "hello by HTTP\nhello by a channel\n");
    http.interrupt();
    await http.succeeds();
  });
}

for (
  const server of [
    "examples/workers/node.ts",
    "bun examples/workers/reuse_port.ts",
    "deno run -A examples/workers/reuse_port.ts",
  ]
) {
  test(`examples: connections spread over processes: ${server}`, ONCE, async () => {
    const { run, folder } = await clone();
    await using workers = run(server, await freePort(), 2);
    const port = await workers.port();
    const trust = pin(readFileSync(join(folder, "keys/pin"), "utf8"));
    const answers = new Set<string>();
    for (let i = 0; i < 60 && answers.size < 2; i++) {
      await using channel = await connect(await dial(`127.0.0.1:${port}`), {
        security: { setting: "key", trust },
      });
      await channel.send("hello");
      answers.add(new TextDecoder().decode((await channel.receive())!));
    }
    assert.equal(answers.size, 2);
    workers.interrupt();
    await workers.succeeds();
  });
}

test("examples: a chat", ONCE, async () => {
  const { run } = await clone();
  await using server = run("examples/chat/server.ts", 0);
  const port = await server.port();
  // All members have the name Ann, as in the table.
  await using ann = run("examples/chat/client.ts Ann", port);
  await using bob = run("examples/chat/client.ts Ann", port);
  await using eve = run("examples/chat/client.ts Ann", port);
  // A member who has not joined yet receives nothing, so the message is repeated until all members have received it.
  const talk = setInterval(() => ann.input("is anybody there?\n"), 100);
  try {
    await Promise.all([bob.says(/^Ann: is anybody there\?$/m), eve.says(/^Ann: is anybody there\?$/m)]);
  } finally {
    clearInterval(talk);
  }
  bob.input("yes\n");
  await Promise.all([ann.says(/^Ann: yes$/m), eve.says(/^Ann: yes$/m)]);
  assert.doesNotMatch(bob.output, /yes/);
  bob.endInput();
  await bob.succeeds();
  server.interrupt();
  await Promise.all([server, ann, eve].map((program) => program.succeeds()));
});

test("examples: a plaintext program, wrapped", ONCE, async () => {
  const { run } = await clone();
  const [entrance, channel, program] = [await freePort(), await freePort(), await freePort()];
  await using wrapped = run("examples/wrap_plaintext.sh", entrance, channel, program);
  await wrapped.says(new RegExp(`listening on 127.0.0.1:${entrance}\n`));
  await wrapped.says(new RegExp(`listening on 127.0.0.1:${channel}\n`));
  const answer = await fetch(`http://127.0.0.1:${entrance}/`);
  assert.equal(await answer.text(), "in plaintext\n");
  const refusal = await fetch(`http://127.0.0.1:${channel}/`);
  assert.deepEqual([refusal.status, refusal.statusText], [400, "This Port Takes Channels Over TCP"]);
  wrapped.interrupt();
  await wrapped.succeeds();
});
