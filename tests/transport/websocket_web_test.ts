/** The WebSocket of browsers and workerd, with servers in another process. */
import { connect } from "../../mod.ts";
import { concat } from "../../src/bytes.ts";
import { webSocketTransport } from "../../src/transport/websocket/mod.ts";
import { pattern } from "../_kit/exchange.ts";
import { assert, channelError, peers, test, type TestOptions } from "../_kit/mod.ts";
import { requests } from "../_kit/offers.ts";
import { echoed, numbered, pause, read, readAll, takenWithoutReader, write } from "./_streams.ts";

const WEB: TestOptions = { on: ["workerd", "chromium", "firefox", "webkit"] };

function address(path: string): string {
  return `ws://127.0.0.1:${peers!.webSocket}/${path}`;
}

test("websocket of the platform: channels of every setting", WEB, async () => {
  const message = pattern(300_000, 1);
  for (const security of requests) {
    const channel = await connect(webSocketTransport(address("channel")), { security });
    assert.equal(channel.info.setting, security.setting);
    for (const part of [message, message.subarray(0, 1), new Uint8Array(0)]) {
      await channel.send(part);
      assert.deepEqual(await channel.receive(), part);
    }
    await channel.close();
  }
});

test(
  "websocket of the platform: a stream piped in comes back whole after its end, in every setting",
  WEB,
  async () => {
    for (const security of requests) {
      const channel = await connect(webSocketTransport(address("channel")), { security });
      const source = new ReadableStream<Uint8Array>({
        start(controller) {
          for (let i = 0; i < 20; i++) controller.enqueue(pattern(i * 1000, i));
          controller.close();
        },
      });
      const got: Uint8Array[] = [];
      const receiving = channel.readable.pipeTo(
        new WritableStream({ write: (message) => void got.push(message) }),
      );
      await source.pipeTo(channel.writable);
      await receiving;
      await channel.closed;
      assert.deepEqual(got, Array.from({ length: 20 }, (_, i) => pattern(i * 1000, i)));
    }
  },
);

test("websocket of the platform: bytes both ways, to an orderly end", WEB, async () => {
  await echoed(webSocketTransport(address("echo")), numbered(700_000));
});

test(
  "websocket of the platform: late readers block their writers, and receive everything",
  WEB,
  async () => {
    const bytes = pattern(1_500_000, 1);
    for (const socket of [address("late"), new WebSocket(address("late"))]) {
      const transport = webSocketTransport(socket, { maxQueued: 1024 * 1024 });
      await write(transport, numbered(1)); // as a handshake does, this brings the offers of credits
      await read(transport, 1);
      const writing = write(transport, bytes);
      await pause(50);
      for (let i = 0; i < 2; i++) assert.deepEqual(await read(transport, bytes.length), bytes);
      await writing;
      assert.equal((await readAll(transport)).length, 0);
      await transport.writable.close();
    }
  },
);

// WebKitGTK counts unsent bytes as sent, so there is no backpressure on the writer.
test("websocket of the platform: a peer that does not read blocks the writer", {
  on: ["workerd", "chromium", "firefox"],
}, async () => {
  const transport = webSocketTransport(address("silent"));
  const taken = await takenWithoutReader(transport, 100_000, 200_000_000);
  assert.ok(taken < 20_000_000, `${taken} bytes were taken`);
  await transport.writable.abort().catch(() => {});
});

test("websocket of the platform: text is refused, close codes are told apart", WEB, async () => {
  await channelError(() => readAll(webSocketTransport(address("text"))), "protocol");
  await channelError(() => readAll(webSocketTransport(address("close/1011"))), "transport");
});

test(
  "websocket of the platform: a peer that ends at once loses nothing, and discards what it is sent",
  WEB,
  async () => {
    const transport = webSocketTransport(address("close/1000"));
    const writer = transport.writable.getWriter();
    await writer.write(numbered(8_000_000));
    await writer.close();
    await pause(50); // the reader is late
    const expected = Array.from({ length: 5 }, (_, i) => pattern(1000, i));
    assert.deepEqual(await readAll(transport), concat(...expected));
  },
);

test("websocket of the platform: no server listens", WEB, async () => {
  const { readable, writable } = webSocketTransport("ws://127.0.0.1:9/");
  const writing = channelError(() => writable.getWriter().write(numbered(1)), "transport");
  await channelError(() => readAll({ readable, writable }), "transport");
  await writing;
});
