/** Peers that try to attack the terminal or the file system of the tool's user. */
import { mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { connect as connectSocket } from "node:net";
import { assert, test } from "../_kit/mod.ts";
import { until } from "../_kit/until.ts";
import { concat, fromUtf8, toUtf8 } from "../../src/bytes.ts";
import { dial, listen } from "../../src/transport/node.ts";
import { connect, serve } from "../../mod.ts";
import { fesa, inFolder } from "./_kit.ts";
import { listening } from "./_serving.ts";

const ESCAPES = "\r\x1b[2K10.0.0.1:1: native, authenticated\x1b]0;owned\x07\x9b\u202e\u2028";
const ESCAPED =
  "\\0d\\1b[2K10.0.0.1:1: native, authenticated\\1b]0;owned\\07\\c2\\9b\\e2\\80\\ae\\e2\\80\\a8";

/** Opens a WebSocket, closes it with a reason, and waits until the server has closed too. */
function closeWebSocket(address: string, reason: string): Promise<void> {
  const [host, port] = address.split(":");
  const payload = concat(Uint8Array.of(4000 >> 8, 4000 & 0xff), toUtf8(reason));
  const socket = connectSocket({ host, port: Number(port) });
  socket.write(
    `GET / HTTP/1.1\r\nHost: ${address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
  );
  socket.once(
    "data",
    () => socket.write(concat(Uint8Array.of(0x88, 0x80 | payload.length, 0, 0, 0, 0), payload)),
  );
  socket.resume();
  return new Promise((resolve) => socket.on("close", () => resolve()));
}

/** Returns the answer of a server that receives files to a header. */
async function answerTo(address: string, header: unknown): Promise<Record<string, unknown>> {
  const [host, port] = address.split(":");
  const transport = await dial({ host, port: Number(port) });
  await using channel = await connect(transport, { security: { setting: "off" } });
  await channel.send(JSON.stringify(header));
  return JSON.parse(fromUtf8((await channel.receive())!));
}

test("serve --websocket: the reason of a close is escaped in the log", async () => {
  const serve = ["serve", "--listen", "127.0.0.1:0", "--websocket", "--setting", "off"];
  const { stderr } = await listening(serve, (address) => closeWebSocket(address, ESCAPES));
  assert.ok(stderr.endsWith(`closed with code 4000: ${ESCAPED}\n`), JSON.stringify(stderr));
});

test("connect --send: a server's refusal is escaped on the terminal", async () => {
  await inFolder(async (path) => {
    await writeFile(path("file"), "contents");
    const listener = await listen();
    await using _server = serve(listener, { security: [{ setting: "off" }] }, async (channel) => {
      await channel.receive();
      await channel.send(JSON.stringify({ error: `${ESCAPES}\n fesa: all is well` }));
      for await (const _ of channel);
    });
    const ran = await fesa(["connect", `${listener.port}`, "--setting", "off", "--send", path("file")]);
    assert.equal(ran.code, 1);
    const refusal = `the server refuses the file: ${ESCAPED.replace("\\e2\\80\\a8", "")} fesa: all is well\n`;
    assert.ok(ran.stderr.endsWith(refusal), JSON.stringify(ran.stderr));
  });
});

test("serve --receive-dir: names that cannot be printed or stored are refused, and errors do not reveal folders", async () => {
  await inFolder(async (path) => {
    const serve = ["serve", "--listen", "127.0.0.1:0", "--setting", "off", "--receive-dir", path("inbox")];
    await mkdir(path("inbox"));
    await listening(serve, async (address) => {
      for (
        const name of [
          ...["a\u202eb", "a\u2028b", "a\x9bb", "a\u200eb", "é".repeat(128)],
          ...["CON", "nul.txt", "Com1", "lpt\u00b9.log", "aux .c", "CLOCK$"],
          ...[
            "a\u200bb",
            "a\u00adb",
            "\ufeffa",
            "a\u00a0b",
            "a\u200db",
            "\u{e0041}tag",
            " lead",
            ".fesa-x.part",
          ],
        ]
      ) {
        const answer = await answerTo(address, { fesa: "file/1", name, size: 0 });
        assert.deepEqual(answer, { error: "the file's name is not allowed" }, JSON.stringify(name));
      }
      const names = ["é".repeat(127), "👩\u200d💻"]; // the joiner is part of how some scripts are written
      for (const name of names) {
        assert.ok((await answerTo(address, { fesa: "file/1", name, size: 0 })).sha256);
      }
      assert.deepEqual((await readdir(path("inbox"))).sort(), names.sort());
      await rm(path("inbox"), { recursive: true });
      await symlink(path("inbox"), path("inbox"));
      const answer = await answerTo(address, { fesa: "file/1", name: "a", size: 0 });
      assert.deepEqual(answer, { error: "cannot store a: ELOOP" });
    });
  });
});

test("serve --receive-dir: a file gets its name when it is complete, a silent client reserves none, and the quota holds", async () => {
  await inFolder(async (path) => {
    const serve = ["serve", "--listen", "127.0.0.1:0", "--setting", "off", "--receive-dir", path("inbox")];
    await listening([...serve, "--receive-quota", "100"], async (address) => {
      const [host, port] = address.split(":");
      const silent = await connect(await dial({ host, port: Number(port) }), {
        security: { setting: "off" },
      });
      await silent.send(JSON.stringify({ fesa: "file/1", name: "a", size: 60 }));
      await silent.send(new Uint8Array(10));
      const [file] = await until(() => readdir(path("inbox")), { holds: ({ length }) => length > 0 });
      assert.match(file, /^\.fesa-[0-9a-f]{32}\.part$/);
      const full = await answerTo(address, { fesa: "file/1", name: "b", size: 41 });
      assert.deepEqual(full, { error: "there is no room for 41 bytes more" });
      assert.ok((await answerTo(address, { fesa: "file/1", name: "a", size: 0 })).sha256, "the name is free");
      await silent.send(new Uint8Array(50));
      const late = JSON.parse(fromUtf8((await silent.receive())!));
      assert.deepEqual(late, { error: "cannot store a: it already exists" });
      await silent.close();
      assert.deepEqual(await readdir(path("inbox")), ["a"]);
    });
  });
});

test("serve: a hostile sender writes no file outside the folder, and leaves no incomplete file", async () => {
  await inFolder(async (path) => {
    const server = ["serve", "--listen", "0", "--setting", "off", "--receive-dir", path(".")];
    await listening(server, async (address) => {
      const [host, port] = address.split(":");
      const names = [
        "../up",
        "/etc/up",
        "a/b",
        "a\\b",
        "..",
        ".",
        "",
        ".hidden",
        "a\0b",
        "c:d",
        "x".repeat(201),
        7,
      ];
      const headers: unknown[] = [
        ...names.map((name) => ({ fesa: "file/1", name, size: 1 })),
        ...[-1, 1.5, "1", null, 2 ** 60].map((size) => ({ fesa: "file/1", name: "a", size })),
      ];
      for (const header of headers) {
        const transport = await dial({ host, port: Number(port) });
        await using channel = await connect(transport, { security: { setting: "off" } });
        await channel.send(JSON.stringify(header));
        const answer = JSON.parse(fromUtf8((await channel.receive())!));
        assert.equal(typeof answer.error, "string", JSON.stringify(header));
        assert.equal(await channel.receive(), null);
      }
      for (const header of [{ name: "a", size: 1 }, { fesa: "file/2" }, [], null, "text"]) {
        const transport = await dial({ host, port: Number(port) });
        await using channel = await connect(transport, { security: { setting: "off" } });
        await channel.send(JSON.stringify(header));
        await assert.rejects(channel.receive(), { name: "ChannelError" });
      }
      const transport = await dial({ host, port: Number(port) });
      await using long = await connect(transport, { security: { setting: "off" } });
      await long.send(JSON.stringify({ fesa: "file/1", name: "long", size: 10 }));
      for (let i = 0; i < 2; i++) await long.send(new Uint8Array(6));
      assert.match(fromUtf8((await long.receive())!), /more bytes arrived than were announced/);
      const another = await dial({ host, port: Number(port) });
      await using half = await connect(another, { security: { setting: "off" } });
      await half.send(JSON.stringify({ fesa: "file/1", name: "half", size: 10 }));
      await half.send(new Uint8Array(4));
      await half.end();
      assert.match(fromUtf8((await half.receive())!), /the client closed before the end of the file/);
    });
    assert.deepEqual(await readdir(path(".")), []);
  });
});
