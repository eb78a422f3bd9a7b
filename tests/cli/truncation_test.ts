import { readdir, writeFile } from "node:fs/promises";
import { connect as connectSocket, createServer, type Socket } from "node:net";
import { assert, channelError, test } from "../_kit/mod.ts";
import { until } from "../_kit/until.ts";
import { fromUtf8 } from "../../src/bytes.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import { dial, listen } from "../../src/transport/node.ts";
import { connect, serve } from "../../mod.ts";
import { fesa, inFolder } from "./_kit.ts";
import { listening, PIN, prepare } from "./_serving.ts";

/** Runs an ordinary program, which does not use channels. */
async function withProgram(
  onSocket: (socket: Socket) => void,
  work: (address: string) => Promise<void>,
): Promise<void> {
  const program = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {});
    onSocket(socket);
  });
  await new Promise<void>((resolve) => program.listen(0, "127.0.0.1", resolve));
  try {
    await work(`127.0.0.1:${(program.address() as { port: number }).port}`);
  } finally {
    program.close();
  }
}

/** Returns how the connection of a TCP client that sends one byte ends: by a reset, or in order. */
function fate(address: string): Promise<string> {
  const [host, port] = address.split(":");
  return new Promise((resolve) => {
    const socket = connectSocket({ host, port: Number(port), allowHalfOpen: true });
    socket.on("error", (error: Error & { code?: string }) => resolve(error.code ?? ""));
    socket.on("end", () => resolve("end"));
    socket.on("close", () => resolve("close"));
    socket.resume();
    socket.write("x");
  });
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

/** Standard input without data and without an end. */
async function* silence(): AsyncGenerator<Uint8Array> {
  yield await new Promise<never>(() => {});
}

test("serve --forward: a program that resets, or is not there, is a failure at the client", async () => {
  await inFolder(async (path) => {
    await prepare(path);
    const settings: [string[], string[]][] = [
      [["key", "--key", path("key.pem")], ["key", "--pin", PIN]],
      [["native", "--secret-file", path("secret")], ["native", "--secret-file", path("secret")]],
      [["off"], ["off"]],
    ];
    await withProgram((socket) => {
      socket.write("half of the answ");
      socket.once("data", () => setTimeout(() => socket.resetAndDestroy(), 50));
    }, async (resetting) => {
      for (const [server, client] of settings) {
        for (const forward of [resetting, "127.0.0.1:1"]) {
          const words = ["serve", "--listen", "0", "--setting", ...server, "--forward", forward];
          const { stderr } = await listening(words, async (address) => {
            const tunnel = ["connect", address, "--setting", ...client];
            const ran = await fesa(tunnel, { stdin: bytes("question") });
            assert.equal(ran.code, 1, `${words.join(" ")}: ${ran.stderr}`);
            assert.match(ran.stderr, /\nfesa connect: [^\n]+\n$/);
            await listening([...tunnel, "--listen", "0"], async (entrance) => {
              assert.equal(await fate(entrance), "ECONNRESET");
            });
          });
          assert.match(
            stderr,
            forward === resetting ? /ECONNRESET|the connection failed/ : /cannot connect to/,
          );
        }
      }
    });
  });
});

test("connect: a server that closes, and does not wait for the client's bytes", async () => {
  const listener = await listen();
  await using _server = serve(
    listener,
    { security: [{ setting: "off" }], closeTimeout: 1_000 },
    (channel) => channel.send("half of the answ"),
  );
  const ran = await fesa(["connect", `${listener.port}`, "--setting", "off"], { stdin: silence() });
  assert.equal(ran.code, 1);
  assert.equal(ran.stdout, "half of the answ");
  assert.match(ran.stderr, /\nfesa connect: the peer closed before it had all bytes: [^\n]+\n$/);
});

test("connect --listen: where there is no server, its clients are reset", async () => {
  await listening(["connect", "127.0.0.1:1", "--setting", "off", "--listen", "0"], async (entrance) => {
    assert.equal(await fate(entrance), "ECONNRESET");
  });
});

test("connect without --send: a server that receives files ends it with an error", async () => {
  await inFolder(async (path) => {
    await prepare(path);
    const server = ["--setting", "native", "--secret-file", path("secret")];
    const words = ["serve", "--listen", "0", ...server, "--receive-dir", path("inbox")];
    const { stderr } = await listening(words, async (address) => {
      const ran = await fesa(["connect", address, ...server], { stdin: bytes("not a file") });
      assert.equal(ran.code, 1);
      assert.equal(ran.stdout, "");
      assert.match(ran.stderr, /\nfesa connect: [^\n]+\n$/);
    });
    assert.match(stderr, /the client does not send files/);
  });
});

test("connect --send: an interruption is not reported as the server's fault", async () => {
  await inFolder(async (path) => {
    await writeFile(path("file"), randomBytes(100_000_000));
    const interruption = new AbortController();
    const listener = await listen();
    await using _server = serve(listener, { security: [{ setting: "off" }] }, async (channel) => {
      await channel.receive();
      interruption.abort();
      for await (const _ of channel);
    });
    const words = ["connect", `${listener.port}`, "--setting", "off", "--send", path("file")];
    const ran = await fesa(words, { signal: interruption.signal });
    assert.equal(ran.code, 130);
    assert.match(ran.stderr, /\nfesa connect: interrupted\n$/);
  });
});

test("serve --receive-dir: an interruption is not reported as the client's fault", async () => {
  await inFolder(async (path) => {
    const server = ["serve", "--listen", "0", "--setting", "off", "--receive-dir", path("inbox")];
    let client: Promise<void> | undefined;
    const { stderr } = await listening(server, async (address) => {
      const [host, port] = address.split(":");
      const channel = await connect(await dial({ host, port: Number(port) }), {
        security: { setting: "off" },
      });
      await channel.send(JSON.stringify({ fesa: "file/1", name: "half", size: 10 }));
      client = channel.receive().then(() => channel.close()).catch(() => {});
      await until(() => readdir(path("inbox")), { holds: ({ length }) => length > 0 }); // it has begun
    });
    await client;
    assert.match(stderr, /: interrupted\n$/);
  });
});

test("connect: a server that closes after its own bytes, before it has had the client's", async () => {
  const listener = await listen();
  await using _server = serve(
    listener,
    { security: [{ setting: "off" }], closeTimeout: 1_000 },
    async (channel) => {
      await channel.receive();
    },
  );
  const connect = ["connect", `${listener.port}`, "--setting", "off"];
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < 100; i++) yield new Uint8Array(65_536);
  }
  async function* question(): AsyncGenerator<Uint8Array> {
    yield* bytes("question");
    yield* silence();
  }
  for (const stdin of [pieces(), question()]) {
    const ran = await fesa(connect, { stdin });
    assert.equal(ran.code, 1, ran.stderr);
    // The final reset of the connection may arrive before the end of the server's bytes.
    const told =
      /\nfesa connect: (?:the peer closed before it had all bytes|the connection failed): [^\n]+\n$/;
    assert.match(ran.stderr, told);
  }
});

test("connect: an interruption while only the server's bytes have ended", async () => {
  const interruption = new AbortController();
  const listener = await listen();
  await using _server = serve(listener, { security: [{ setting: "off" }] }, async (channel) => {
    await channel.end();
    setTimeout(() => interruption.abort(), 100);
    for await (const _ of channel);
  });
  const words = ["connect", `${listener.port}`, "--setting", "off"];
  const ran = await fesa(words, { stdin: silence(), signal: interruption.signal });
  assert.equal(ran.code, 130);
  assert.match(ran.stderr, /\nfesa connect: interrupted\n$/);
});

test("connect: an interruption at the moment at which the channel opens", async () => {
  const interruption = new AbortController();
  const listener = await listen();
  await using _server = serve(listener, { security: [{ setting: "off" }] }, async (channel) => {
    for await (const _ of channel);
  });
  const words = ["connect", `${listener.port}`, "--setting", "off"];
  const onErrors = () => interruption.abort();
  const ran = await fesa(words, { stdin: silence(), signal: interruption.signal, onErrors });
  assert.equal(ran.code, 130);
  assert.match(ran.stderr, /\nfesa connect: interrupted\n$/);
});

test("serve --forward: a client that closes before it has had the program's bytes is a failure", async () => {
  await withProgram((socket) => socket.write("half of the answ"), async (program) => {
    const words = ["serve", "--listen", "0", "--setting", "off", "--forward", program];
    let log = "";
    await listening(words, async (address) => {
      const [host, port] = address.split(":");
      const channel = await connect(await dial({ host, port: Number(port) }), {
        security: { setting: "off" },
        closeTimeout: 100,
      });
      assert.equal(fromUtf8((await channel.receive())!), "half of the answ");
      await channelError(() => channel.close(), "timeout");
      await until(() => log, { holds: (log) => /: the connection failed: [^\n]+\n$/.test(log) });
    }, { onErrors: (text) => log = text });
  });
});
