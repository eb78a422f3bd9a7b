import { connect, createServer, type Socket } from "node:net";
import { PassThrough } from "node:stream";
import { assert, channelError, test } from "../_kit/mod.ts";
import { concat, toUtf8 } from "../../src/bytes.ts";
import { dial, dialWebSocket, fromDuplex, listen, listenWebSocket } from "../../src/transport/node.ts";
import { nextTurn } from "../../src/turns.ts";
import { fromSocket } from "../../src/transport/node_duplex.ts";
import { readProxyHeader } from "../../src/transport/proxy_protocol.ts";
import { deferred, readAll, readChunks } from "./_streams.ts";
import { proxyHeader, testTcp } from "./_tcp.ts";

testTcp("node", {}, { dial, listen, resets: true });

test("node: a reset is an error", async () => {
  const { promise: socket, resolve } = deferred<Socket>();
  const raw = createServer(resolve).listen(0, "127.0.0.1");
  await new Promise((listening) => raw.once("listening", listening));
  const dialled = await dial({ host: "127.0.0.1", port: (raw.address() as { port: number }).port });
  (await socket).resetAndDestroy();
  await channelError(() => readAll(dialled), "transport");
  raw.close();
});

test("node: a connection that breaks off while its shutdown is under way is closed", async () => {
  // The server ends its side after the client, since on Bun the shutdown happens before the abort.
  const raw = createServer((socket) => socket.on("error", () => {}).resume());
  raw.listen(0, "127.0.0.1");
  await new Promise((listening) => raw.once("listening", listening));
  const { port } = raw.address() as { port: number };
  for (let turns = 0; turns < 8; turns++) {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    const closed = new Promise((resolve) => socket.once("close", resolve));
    await new Promise((connected) => socket.once("connect", connected));
    const writer = fromDuplex(socket).writable.getWriter();
    await writer.write(Uint8Array.of(1));
    writer.close().catch(() => {});
    for (let turn = 0; turn < turns; turn++) await new Promise((next) => process.nextTick(next));
    writer.abort().catch(() => {});
    await closed;
  }
  raw.close();
});

test("node: a stream of text or objects fails instead of losing them, and so does one that is destroyed", async () => {
  const text = new PassThrough({ encoding: "utf8" });
  text.write("text");
  const objects = new PassThrough({ objectMode: true });
  objects.write({});
  for (const stream of [text, objects, new PassThrough().destroy()]) {
    await channelError(() => readAll(fromDuplex(stream)), "transport");
  }
});

test("node: a connection is closed without a wait for the turns of others' work", async () => {
  const stream = new PassThrough();
  let turns = 0;
  const working = Array.from({ length: 100 }, () =>
    nextTurn().then(() => {
      const until = performance.now() + 1;
      while (performance.now() < until);
      turns++;
    }));
  const ended = new Promise<number>((resolve) => stream.once("finish", () => resolve(turns)));
  fromSocket(stream as unknown as Socket).close();
  assert.ok(await ended < 100);
  await Promise.all(working);
});

test("PROXY protocol: the contents and lengths of headers", () => {
  const four = "c6336407 c0000201 c488 1151";
  const six = "20010db8000000000000000000000007 20010db8000000000000000000000001 c488 1151";
  const cases: [Uint8Array, string | undefined][] = [
    [toUtf8("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n"), "255.255.255.255:65535"],
    [toUtf8(`PROXY TCP6 ${"ffff:".repeat(7)}ffff 2001:DB8::1 0 1\r\n`), `${"ffff:".repeat(7)}ffff:0`],
    [toUtf8("PROXY UNKNOWN\r\n"), undefined],
    [toUtf8(`PROXY UNKNOWN ${"ffff:".repeat(7)}ffff ${"ffff:".repeat(7)}ffff 65535 65535\r\n`), undefined], // 107 bytes
    [proxyHeader("21 11 000c", four), "198.51.100.7:50312"],
    [proxyHeader("21 21 0024", six), "2001:db8::7:50312"],
    [proxyHeader("21 11 0013", four, "04 0004 00000000"), "198.51.100.7:50312"], // padding
    // A checksum (CRC32C) over all of it.
    [proxyHeader("21 11 0013", four, "03 0004 fba20437"), "198.51.100.7:50312"],
    [proxyHeader("21 31 00d8", "2f".repeat(216)), undefined], // a Unix socket
    [proxyHeader("21 00 0000"), undefined],
    [proxyHeader("21 00 0003 ffffff"), undefined],
    [proxyHeader("20 00 0000"), undefined],
    [proxyHeader("20 99 0003 ffffff"), undefined], // LOCAL: the rest is skipped
  ];
  for (const [header, client] of cases) {
    for (let length = 0; length < header.length; length++) {
      assert.equal(readProxyHeader(header.subarray(0, length)), undefined, `${length} bytes are not all`);
    }
    const read = readProxyHeader(concat(header, toUtf8("PROXY")))!;
    assert.equal(read.length, header.length);
    assert.equal(read.client && `${read.client.address}:${read.client.port}`, client);
  }
});

test("PROXY protocol: missing and invalid headers are refused", async () => {
  const four = "c6336407 c0000201 c488 1151";
  const lines = [
    "GET / HTTP/1.1",
    "PROXY",
    "PROXY  TCP4 192.0.2.1 192.0.2.2 1 2",
    "PROXY TCP4  192.0.2.1 192.0.2.2 1 2",
    "PROXY TCP4 192.0.2.1 192.0.2.2 1",
    "PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3",
    "PROXY TCP4 192.0.2.1 192.0.2.2 1 2 ",
    "PROXY TCP4 192.0.2.1 192.0.2.2 01 2",
    "PROXY TCP4 192.0.2.1 192.0.2.2 1 65536",
    "PROXY TCP4 192.0.2.1 192.0.2.2 -1 2",
    "PROXY TCP4 192.0.2.01 192.0.2.2 1 2",
    "PROXY TCP4 192.0.2.256 192.0.2.2 1 2",
    "PROXY TCP4 2001:db8::1 2001:db8::2 1 2",
    "PROXY TCP6 192.0.2.1 192.0.2.2 1 2",
    "PROXY TCP6 2001:db8::1 2001:db8:::2 1 2",
    "PROXY tcp4 192.0.2.1 192.0.2.2 1 2",
    "PROXY UDP4 192.0.2.1 192.0.2.2 1 2",
    "PROXY UNKNOWNS",
    "PROXY \nTCP4 192.0.2.1 192.0.2.2 1 2",
  ].map((line) => toUtf8(`${line}\r\n`));
  const binary = [
    ["11 11 000c", four], // version 1 in binary
    ["22 11 000c", four], // an unknown command
    ["21 12 000c", four], // datagrams
    ["21 13 000c", four],
    ["21 41 000c", four],
    ["21 11 000b", four], // too short for its addresses
    ["21 21 000c", four],
    ["21 11 000e", four, "0400"], // a field without its length
    ["21 11 0010", four, "040002 00"], // a field longer than the header
    ["21 11 0013", four, "03 0004 fba20438"], // another checksum
    ["21 11 0012", four, "03 0003 fba204"],
  ].map((hex) => proxyHeader(...hex));
  for (const header of [...lines, ...binary]) {
    await channelError(() => assert.notEqual(readProxyHeader(header), undefined), "protocol");
  }
  await channelError(() => readProxyHeader(toUtf8("PROXY TCP4 " + "1".repeat(96))), "limit");
  await channelError(() => readProxyHeader(proxyHeader("21 11 0ff1")), "limit");
});

test("PROXY protocol: under a WebSocket", { needs: ["subtle"] }, async () => {
  const listener = await listenWebSocket({ proxyProtocol: true });
  const relay = createServer(async (client) => {
    const target = await dial(listener);
    const writer = target.writable.getWriter();
    await writer.write(toUtf8("PROXY TCP6 2001:db8::7 ::1 50312 4433\r\n"));
    client.on("data", (chunk: Uint8Array) => void writer.write(chunk).catch(() => {}));
    for (const chunk of await readChunks(target).catch(() => [])) client.write(chunk);
    client.destroy();
  }).listen(0, "127.0.0.1");
  await new Promise((ready) => relay.once("listening", ready));
  const dialling = dialWebSocket(`ws://127.0.0.1:${(relay.address() as { port: number }).port}/`).catch(
    () => {},
  );
  const { value: taken } = await listener[Symbol.asyncIterator]().next();
  assert.deepEqual(taken.peer, { address: "2001:db8::7", port: 50_312 });
  await taken.writable.close();
  taken.close();
  await dialling;
  await listener.close();
  relay.close();
});
