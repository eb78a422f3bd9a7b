import { readFile, writeFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { accept, connect, firstUse, serve } from "../../mod.ts";
import { fromUtf8, toUtf8 } from "../../src/bytes.ts";
import { deferred } from "../../src/channel/reconnecting/waiting.ts";
import { knownHosts } from "../../src/cli/credentials/known_hosts.ts";
import { dialWithin, parseTarget } from "../../src/cli/endpoint.ts";
import { relay } from "../../src/cli/relay.ts";
import { serveTransports } from "../../src/server/transport_server.ts";
import { acceptTls } from "../../src/tls/mod.ts";
import { memoryPair } from "../../src/transport/memory.ts";
import { listen } from "../../src/transport/node.ts";
import { rsa2048 } from "../_kit/keys.ts";
import { assert, test } from "../_kit/mod.ts";
import { PeerProgram } from "../_kit/peer.ts";
import { serverCertificate } from "../_kit/pki.ts";
import { until } from "../_kit/until.ts";
import { fesa, inFolder, input, refused } from "./_kit.ts";
import { listening, PIN, prepare } from "./_serving.ts";

test(
  "connect: with an ordinary TLS server, until it has been silent for a while",
  { needs: ["openssl"] },
  async () => {
    await inFolder(async (path) => {
      await prepare(path);
      const command = `openssl s_server -accept 0 -rev -naccept 1 -cert`;
      await using peer = new PeerProgram([...command.split(" "), path("chain.pem"), "-key", path("key.pem")]);
      const port = await until(async () => /ACCEPT .*:(\d+)\n/.exec(fromUtf8(await peer.output(1)))?.[1]);
      const client = [
        "connect",
        `localhost:${port}`,
        "--setting",
        "certificate",
        "--roots",
        path("root.pem"),
      ];
      const { promise: answered, resolve: onOutput } = deferred<string>();
      async function* stdin() {
        yield* input("stressed\n");
        await answered;
      }
      const ran = await fesa(client, { stdin: stdin(), onOutput });
      assert.equal(ran.stdout, "desserts\n", ran.stderr);
      assert.equal(ran.code, 0, ran.stderr);
    });
  },
);

test("connect: servers that are not trusted, keys that change, secrets that differ", async () => {
  await inFolder(async (path) => {
    await prepare(path);
    await writeFile(path("other"), "cd".repeat(32));
    await writeFile(path("short"), "cd".repeat(31));
    const own = [
      "--certificate",
      path("chain.pem"),
      "--key",
      path("key.pem"),
      "--secret-file",
      path("secret"),
    ];
    const settings = ["certificate", "native"].flatMap((setting) => ["--setting", setting]);
    await listening(["serve", "--listen", "0", ...settings, ...own], async (address) => {
      const client = ["connect", address, "--setting"];
      const certificate = [...client, "certificate", "--roots"];
      await refused(
        [...certificate, path("root.pem"), "--name", "elsewhere.example"],
        1,
        /is not for "elsewhere\.example": it is for DNS:localhost, IP:127\.0\.0\.1; --name sets the expected name$/,
      );
      await refused(
        [...certificate, path("nothing.pem")],
        1,
        /cannot read .*nothing\.pem: there is no such file/,
      );
      await refused([...certificate, path("key.pem")], 1, /key\.pem: /);
      await refused([...client, "native", "--secret-file", path("other")], 1, /^fesa connect: [^\n]+$/);
      await refused([...client, "native", "--secret-file", path("short")], 1, /a secret is 32 random bytes/);
      await refused([...client, "off"], 1, /^fesa connect: [^\n]+$/);
    });
    await listening(
      ["serve", "--listen", "0", "--setting", "key", "--key", path("key.pem")],
      async (address) => {
        const client = ["connect", address, "--setting", "key"];
        await refused([...client, "--pin", `sha256:${"A".repeat(43)}=`], 1, /is not among the pins/);
        const known = [...client, "--known-hosts", path("known")];
        const visits = [await fesa(known, { stdin: input("x") }), await fesa(known, { stdin: input("x") })];
        assert.deepEqual(visits.map(({ stdout }) => stdout), ["x", "x"]);
        assert.deepEqual(visits.map(({ stderr }) => /^\S+ is new: its key sha256:/m.test(stderr)), [
          true,
          false,
        ]);
        assert.equal(await readFile(path("known"), "utf8"), `${address} ${PIN}\n`);
        const changed = `sha256:${"B".repeat(43)}=`;
        await writeFile(path("known"), `# a comment\n${address} ${changed}\n`);
        await refused(
          known,
          1,
          new RegExp(`the key of .* has changed: it was ${changed.replace("+", "\\+")}`),
        );
        await writeFile(path("known"), `${address} sha256:AAAA\n`);
        await refused(known, 1, /known, line 1: not a name and a pin$/);
      },
    );
    await refused(["connect", "127.0.0.1:1", "--setting", "off"], 1, /cannot connect to 127\.0\.0\.1:1/);
  });
});

test("connect --send: a missing file is reported before connecting", async () => {
  const words = ["connect", "127.0.0.1:1", "--setting", "off", "--send", "/nowhere/file"];
  const { stderr } = await refused(words, 1, /cannot read \/nowhere\/file: there is no such file/);
  assert.equal(stderr.split("\n").length, 2);
});

test("connect --wait: how long an ordinary server may be silent", async () => {
  await refused(["connect", "a:1", "--setting", "off", "--wait", "-1"], 2, /--wait/);
  await refused(
    ["connect", "a:1", "--setting", "off", "--wait", "1", "--send", "f"],
    2,
    /--wait is for standard input/,
  );
  // Data that a server sends later is lost, and the tool says so.
  const listener = await listen();
  const silent = serveTransports(listener, {}, async (transport) => {
    const credentials = [{ key: rsa2048, certificates: [serverCertificate(rsa2048)] }];
    const { readable, writable } = await acceptTls(transport, { credentials });
    await readable.pipeTo(new WritableStream());
    await writable.close();
  });
  const address = `127.0.0.1:${listener.port}`;
  const words = ["connect", address, "--setting", "key", "--trust-anyone"];
  const stdin = () => input("a question");
  const unanswered = await fesa([...words, "--wait", "1"], { stdin: stdin() });
  assert.equal(unanswered.code, 1);
  assert.match(unanswered.stderr, /did not answer within 1 s of the end of standard input/);
  assert.equal((await fesa([...words, "--wait", "0"], { stdin: stdin() })).code, 0);
  await silent.close();
  // If the server closes after its answer, there is nothing to wait for.
  const entrance = await listen();
  const answering = serveTransports(entrance, {}, async (transport) => {
    const credentials = [{ key: rsa2048, certificates: [serverCertificate(rsa2048)] }];
    const { readable, writable } = await acceptTls(transport, { credentials });
    const [reader, writer] = [readable.getReader(), writable.getWriter()];
    await reader.read();
    await writer.write(toUtf8("an answer"));
    await writer.close();
    assert.ok((await reader.read()).done);
  });
  const server = `127.0.0.1:${entrance.port}`;
  const patient = ["connect", server, "--setting", "key", "--trust-anyone", "--wait", "600"];
  assert.equal((await fesa(patient, { stdin: stdin() })).stdout, "an answer");
  await answering.close();
});

test("connect --idle-timeout: a server that is silent", async () => {
  await refused(
    ["connect", "a:1", "--setting", "off", "--keep-alive", "soon"],
    2,
    /--keep-alive must be a whole/,
  );
  const listener = await listen();
  const server = serve(
    listener,
    { security: [{ setting: "off" }], keepAlive: 0 },
    (_channel, { closing }) => new Promise((resolve) => closing.addEventListener("abort", () => resolve())),
  );
  const words = ["connect", `127.0.0.1:${listener.port}`, "--setting", "off", "--idle-timeout", "200"];
  await refused(words, 1, /nothing came from the peer for 200 ms/);
  await server.close({ grace: 0 });
});

test("connect: a slow reader of standard output gets the last bytes, though the channel has ended by then", async () => {
  const [near, far] = memoryPair();
  const [client, server] = await Promise.all([
    connect(near, { security: { setting: "off" } }),
    accept(far, { security: [{ setting: "off" }] }),
  ]);
  const events: string[] = [];
  const relaying = relay(client, {
    read: () => Promise.resolve(null),
    write: async () => {
      await client.closed;
      await new Promise((resolve) => setTimeout(resolve));
      events.push("written");
    },
    end: async () => void events.push("ended"),
    release: () => events.push("released"),
    abort: () => events.push("aborted"),
  });
  await server.send("the last bytes");
  await server.close();
  await relaying;
  assert.deepEqual(events, ["written", "ended", "released"]);
});

const [ONE, OTHER] = ["A", "B"].map((letter) => `sha256:${letter.repeat(43)}=`);

test("connect: wrong headers and roots of a WebSocket are refused", async () => {
  const to = (server: string, ...more: readonly string[]) => ["connect", server, "--setting", "off", ...more];
  const [plain, secure] = ["ws://127.0.0.1:1/", "wss://127.0.0.1:1/"];
  await refused(to("127.0.0.1:1", "--header", "a: b"), 2, /--header is for ws:\/\/ and wss:\/\/;/);
  await refused(to(plain, "--wss-roots", "root.pem"), 2, /--wss-roots is for wss:\/\/;/);
  await refused(to(plain, "--header", "token"), 2, /--header is 'NAME: VALUE' or @FILE/);
  await refused(to(plain, "--header", "a: b", "--header", "A: c"), 2, /--header: a is given twice;/);
  await refused(to(plain, "--header", "Host: b"), 2, /--header: headers: host cannot be set;/);
  await refused(to(plain, "--header", "a: ä"), 2, /--header: headers: the value of a is not ASCII text;/);
  await refused(to(plain, "--header", "@/nowhere/file"), 1, /cannot read \/nowhere\/file/);
  await refused(to(secure, "--wss-roots", "/nowhere/file"), 1, /cannot read \/nowhere\/file/);
});

test("known hosts: a last line without its end is not spoilt", async () => {
  await inFolder(async (path) => {
    await writeFile(path("known"), `a:1 ${ONE}`);
    const store = await knownHosts(path("known"));
    await store.set("b:1", OTHER);
    await store.set("c:1", OTHER);
    assert.equal(await readFile(path("known"), "utf8"), `a:1 ${ONE}\nb:1 ${OTHER}\nc:1 ${OTHER}\n`);
    for (const [name, pin] of [["a:1", ONE], ["b:1", OTHER], ["c:1", OTHER], ["d:1", undefined]]) {
      assert.equal(await store.get(name!), pin);
    }
  });
});

test("known hosts: of two keys at once the first counts, and the other connection fails", async () => {
  await inFolder(async (path) => {
    for (let i = 0; i < 20; i++) {
      const stores = [await knownHosts(path("known")), await knownHosts(path("known"))];
      const name = `a:${i}`;
      const results = await Promise.allSettled(
        [ONE, OTHER].map((pin, k) => firstUse(stores[k], name).remember!({ pin, spki: new Uint8Array(0) })),
      );
      const [winner, ...more] = [ONE, OTHER].filter((_, k) => results[k].status === "fulfilled");
      assert.ok(winner !== undefined && more.length === 0, "one of them");
      for (const { reason } of results.filter((result) => result.status === "rejected")) {
        assert.equal(reason.code, "key_changed");
        assert.match(reason.message, /^the key of a:\d+ has changed: it was sha256:/);
      }
      for (const store of [...stores, await knownHosts(path("known"))]) {
        assert.equal(await store.get(name), winner);
      }
    }
  });
});

test("endpoints: a server that takes connections and is silent opens no WebSocket within the time limit", async () => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => void sockets.push(socket.on("error", () => {})));
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const { port } = silent.address() as { port: number };
  for (const scheme of ["ws", "wss"]) {
    const target = parseTarget(`${scheme}://127.0.0.1:${port}/`);
    const waiting = (signal: AbortSignal, milliseconds: number) => dialWithin(target, signal, milliseconds);
    const error = { name: "ChannelError", code: "timeout", message: "not connected within 100 ms" };
    await assert.rejects(waiting(new AbortController().signal, 100), error);
    const interruption = new AbortController();
    setTimeout(() => interruption.abort(), 100);
    await assert.rejects(waiting(interruption.signal, 10_000), { code: "aborted" });
  }
  for (const socket of sockets) socket.destroy();
  silent.close();
});
