/** The tests of TCP, which each runtime implements differently. */

import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, channelError, test, type TestOptions } from "../_kit/mod.ts";
import type {
  DialOptions,
  DialUnixOptions,
  ListenOptions,
  TcpListener,
  TcpTransport,
} from "../../src/transport/tcp.ts";
import { LINGER } from "../../src/transport/tcp_connection.ts";
import { concat, fromHex, toUtf8 } from "../../src/bytes.ts";
import type { Transport } from "../../src/connection.ts";
import { exchange, numbered, pause, readAll, takenWithoutReader, writeAll } from "./_streams.ts";

export interface Tcp {
  readonly dial: (options: DialOptions | DialUnixOptions | string) => Promise<Transport>;
  readonly listen: (options?: ListenOptions) => Promise<TcpListener>;
  /** Whether an abort resets the connection, which Deno's own connections cannot do. */
  readonly resets: boolean;
}

/** Registers the tests. */
export function testTcp(name: string, options: TestOptions, { dial, listen, resets }: Tcp): void {
  /** Both ends of a TCP connection, and the listener. */
  const pair = async () => {
    const listener = await listen();
    const client = await dial(listener);
    const { value: server } = await listener[Symbol.asyncIterator]().next();
    return { client, server: server as TcpTransport, listener };
  };

  test(`${name}: a megabyte both ways at once, then both ends`, options, async () => {
    const { client, server, listener } = await pair();
    await exchange(client, server);
    await listener.close();
  });

  test(`${name}: one direction ends, the other goes on`, options, async () => {
    const { client, server, listener } = await pair();
    await writeAll(client, numbered(5));
    assert.deepEqual(await readAll(server), numbered(5));
    await writeAll(server, numbered(300_000));
    assert.equal((await readAll(client)).length, 300_000);
    await listener.close();
  });

  test(`${name}: a reader that does not read blocks the writer`, options, async () => {
    for (const reversed of [false, true]) {
      const { client, server, listener } = await pair();
      const taken = await takenWithoutReader(reversed ? server : client, 100_000, 200_000_000);
      assert.ok(taken < 20_000_000, `${taken} bytes were taken`); // what the two sockets' buffers hold
      await listener.close();
      await (reversed ? client : server).writable.abort();
    }
  });

  test(
    `${name}: what was written before the end arrives, though the writer reads no more`,
    options,
    async () => {
      const { client, server, listener } = await pair();
      void writeAll(server, numbered(50_000)); // lies unread at the client, which would reset the connection
      await pause(30);
      const sending = writeAll(client, numbered(3_000_000));
      void client.readable.cancel();
      assert.equal((await readAll(server)).length, 3_000_000);
      await sending;
      await listener.close();
    },
  );

  test(
    `${name}: a close in the middle of a write lets it end, but does not wait for ever`,
    options,
    async () => {
      const { client, server, listener } = await pair();
      const writing = server.writable.getWriter().write(numbered(8_000_000));
      server.close();
      assert.equal((await readAll(client)).length, 8_000_000);
      await writing;
      await client.writable.close();

      const silent = await dial(listener); // reads nothing
      const { value: other } = await listener[Symbol.asyncIterator]().next();
      const stuck = other.writable.getWriter().write(new Uint8Array(50_000_000));
      await pause(30);
      other.close();
      await stuck.catch(() => {}); // Node takes it for written
      await silent.writable.abort();
      await listener.close();
    },
  );

  test(
    `${name}: a peer that never ends is let go of, whichever direction ended here first`,
    options,
    async () => {
      const endings = [
        async ({ readable, writable }: Transport) => {
          await writable.close();
          await readable.cancel();
        },
        async ({ readable, writable }: Transport) => {
          await readable.cancel();
          await writable.close();
        },
      ];
      await Promise.all(endings.map(async (end) => {
        const { client, server, listener } = await pair();
        await end(client);
        assert.equal((await readAll(server)).length, 0);
        const writer = server.writable.getWriter();
        await writer.write(numbered(1000)); // is read and dropped
        await pause(LINGER / 4);
        await writer.write(numbered(1000)); // there is still a moment
        await pause(LINGER);
        await channelError(async () => {
          for (;;) {
            await writer.write(numbered(1000));
            await pause(10);
          }
        }, "transport");
        await listener.close();
      }));
    },
  );

  test(
    `${name}: a close ends what reads here, and what was written waits for a peer that reads late`,
    options,
    async () => {
      const { client, server, listener } = await pair();
      await server.writable.getWriter().write(numbered(200_000));
      const reading = readAll(server);
      server.close();
      assert.equal((await reading).length, 0);
      await pause(1.25 * LINGER);
      assert.equal((await readAll(client)).length, 200_000);
      await client.writable.abort().catch(() => {}); // Bun has reset it
      await listener.close();
    },
  );

  test(`${name}: behind a proxy the client is whom its header names`, options, async () => {
    const listener = await listen({ proxyProtocol: ["192.0.2.0/24", "127.0.0.1"] });
    const connections = listener[Symbol.asyncIterator]();
    const cases: readonly (readonly [Uint8Array, string, number])[] = [
      [toUtf8("PROXY TCP4 198.51.100.7 192.0.2.1 50312 4433\r\n"), "198.51.100.7", 50_312],
      [
        proxyHeader("21 21 0024", "20010db8".padEnd(30, "0"), "07", "00".repeat(16), "c488 1151"),
        "2001:db8::7",
        50_312,
      ],
      [proxyHeader("20 00 0000"), "127.0.0.1", 0],
      [toUtf8("PROXY UNKNOWN\r\n"), "127.0.0.1", 0],
    ];
    for (const [header, address, port] of cases) {
      const client = await dial(listener);
      const writer = client.writable.getWriter();
      await writer.write(header.subarray(0, 9));
      await writer.write(concat(header.subarray(9), numbered(500))); // the client's first bytes come along
      await writer.write(numbered(100));
      const { value: taken } = await connections.next();
      assert.equal(taken.peer.address, address);
      if (port !== 0) assert.equal(taken.peer.port, port);
      await writer.close();
      assert.deepEqual(await readAll(taken), concat(numbered(500), numbered(100)));
      await writeAll(taken, numbered(300_000));
      assert.equal((await readAll(client)).length, 300_000);
    }

    // Health checks are not yielded. A connection without a header is yielded, and fails.
    for (const check of [new Uint8Array(0), proxyHeader("20 00 0000")]) {
      const client = await dial(listener);
      await writeAll(client, check);
      assert.equal((await readAll(client)).length, 0);
    }
    const wrong = await dial(listener);
    await wrong.writable.getWriter().write(toUtf8("GET / HTTP/1.1\r\n"));
    const { value: refused } = await connections.next();
    await channelError(() => readAll(refused), "protocol");
    refused.close();
    await wrong.readable.cancel().catch(() => {});

    const waiting = await dial(listener); // has sent nothing when the listener closes
    await pause(20);
    await listener.close();
    assert.equal((await connections.next()).done, true);
    assert.equal((await readAll(waiting).catch(() => [])).length, 0); // a reset, if it was not yet accepted
    await waiting.writable.abort().catch(() => {});
  });

  test(`${name}: a PROXY protocol header counts from named addresses alone`, options, async () => {
    const listener = await listen({ proxyProtocol: ["192.0.2.1"] });
    const client = await dial(listener);
    await client.writable.getWriter().write(toUtf8("PROXY TCP4 198.51.100.7 192.0.2.1 50312 4433\r\n"));
    const { value: taken } = await listener[Symbol.asyncIterator]().next();
    assert.equal(taken.peer.address, "127.0.0.1");
    const { message } = await channelError(() => readAll(taken), "protocol");
    assert.match(message, /127\.0\.0\.1 may not send/);
    taken.close();
    await listener.close();
    await client.readable.cancel().catch(() => {});
    for (const proxyProtocol of ["127.0.0.1", [1], ["localhost"], ["10.0.0.0/33"], ["::1/129"], false]) {
      await assert.rejects(() => listen({ proxyProtocol } as never), TypeError);
    }
    await assert.rejects(() => listen(4433 as never), TypeError);
  });

  test(`${name}: a Unix socket, for its owner alone, and none where somebody else is`, options, async () => {
    const folder = mkdtempSync(join(tmpdir(), "fesa-"));
    const [path, file, left, moved] = ["socket", "file", "left", "moved"].map((name) => join(folder, name));
    try {
      const listener = await listen({ path, proxyProtocol: true });
      assert.deepEqual([listener.path, listener.host, listener.port], [path, "", 0]);
      assert.equal(statSync(path).mode & 0o777, 0o600);
      const connections = listener[Symbol.asyncIterator]();
      const client = await dial(`unix:${path}`);
      const writer = client.writable.getWriter();
      await writer.write(toUtf8("PROXY TCP4 198.51.100.7 192.0.2.1 50312 4433\r\n"));
      writer.releaseLock();
      const { value: server } = await connections.next();
      assert.equal(server.peer.address, "198.51.100.7");
      await exchange(client, server, 300_000);

      writeFileSync(file, "kept");
      const { message } = await channelError(() => listen({ path }), "transport");
      assert.match(message, /^cannot listen on unix:.*socket: another process listens there already$/);
      const { message: other } = await channelError(() => listen({ path: file }), "transport");
      assert.match(other, /is not a socket$/);
      assert.ok(existsSync(file));
      await channelError(() => listen({ path: join(folder, "no", "folder") }), "transport");
      await listener.close();
      await listener.close();
      assert.equal(existsSync(path), false);
      await channelError(() => dial(listener), "transport");
      await channelError(() => dial({ path, signal: AbortSignal.abort() }), "aborted");

      // A file that a killed server has left.
      const killed = createServer().listen(path);
      await new Promise((ready) => killed.once("listening", ready));
      linkSync(path, left);
      await new Promise((closed) => killed.close(closed));
      const again = await listen({ path: left, mode: 0o660 });
      assert.equal(statSync(left).mode & 0o777, 0o660);
      const waiting = await dial(again);
      const { value: taken } = await again[Symbol.asyncIterator]().next();
      assert.equal(taken.peer.address, "");
      taken.close();
      assert.equal((await readAll(waiting)).length, 0);
      await waiting.writable.close().catch(() => {});
      await again.close();

      // A file that cannot be removed does not keep the listener open.
      const last = await listen({ path, proxyProtocol: true });
      renameSync(path, moved);
      mkdirSync(path);
      await assert.rejects(() => last.close());
      await channelError(() => dial({ path: moved }), "transport");
      assert.equal((await last[Symbol.asyncIterator]().next()).done, true);
    } finally {
      rmSync(folder, { recursive: true });
    }
    await assert.rejects(() => listen({ path: "" }), TypeError);
    await assert.rejects(() => listen({ path: "s", mode: 0o1777 }), RangeError);
    await assert.rejects(() => dial({ path: "s".repeat(104) }), /path is longer than 103 bytes/);
  });

  test(`${name}: an abort ends the other side too`, options, async () => {
    const { client, server, listener } = await pair();
    const reading = resets ? channelError(() => readAll(server), "transport") : readAll(server);
    await client.writable.abort();
    await channelError(() => readAll(client), "transport");
    await reading;
    const writer = server.writable.getWriter();
    await channelError(async () => {
      for (;;) await writer.write(new Uint8Array(10_000));
    }, "transport");
    await listener.close();
  });

  test(`${name}: nobody listens, a signal fires`, options, async () => {
    const listener = await listen();
    await channelError(() => listen({ port: listener.port }), "transport");
    await listener.close();
    await channelError(() => dial({ host: "127.0.0.1", port: listener.port }), "transport");
    await channelError(() => dial({ host: "127.0.0.1", port: 1, signal: AbortSignal.abort() }), "aborted");
    const signal = new AbortController() as unknown as AbortSignal;
    await assert.rejects(
      async () => dial({ host: "127.0.0.1", port: 1, signal }),
      /^TypeError: signal must be an AbortSignal, not an AbortController/,
    );
    const controller = new AbortController();
    const dialling = dial({ host: "127.0.0.1", port: listener.port, signal: controller.signal });
    controller.abort();
    await channelError(() => dialling, "aborted");
  });

  test(
    `${name}: a listener gives what connects, closes what nobody takes, and leaves the port`,
    options,
    async () => {
      const listener = await listen();
      const clients = [await dial(listener), await dial(listener)];
      const iterator = listener[Symbol.asyncIterator]();
      const { value: taken } = await iterator.next();
      assert.equal(taken.peer.address, "127.0.0.1");
      assert.ok(taken.peer.port > 0 && taken.peer.port !== listener.port);
      await pause(20); // the second has arrived
      await listener.close();
      assert.equal((await iterator.next()).done, true);
      assert.equal((await readAll(clients[1]).catch(() => [])).length, 0);
      await channelError(() => dial(listener), "transport");
      await exchange(clients[0], taken, 1000);
      taken.close();
    },
  );
}

/** Returns a header of version 2 of the PROXY protocol: the signature followed by these bytes. */
export function proxyHeader(...hex: string[]): Uint8Array {
  return fromHex(`0d0a0d0a000d0a515549540a${hex.join("").replaceAll(" ", "")}`);
}
