/** workerd's socket API as a client, and its HTTP server as the server of a channel over a WebSocket. */
import { connect as connectChannel } from "../../mod.ts";
import { connectTls } from "../../src/tls/mod.ts";
import { webSocketTransport } from "../../src/transport/websocket/mod.ts";
import type { Transport } from "../../src/connection.ts";
import { pattern, readBytes, sendBytes } from "../_kit/exchange.ts";
import { assert, channelError, peers, test, type TestOptions } from "../_kit/mod.ts";
import { requests } from "../_kit/offers.ts";
import { root } from "../_kit/pki.ts";

const WORKERD: TestOptions = { on: ["workerd"] };

async function socket(port: number): Promise<Transport> {
  const { connect } = await import("cloudflare:sockets");
  return connect({ hostname: "127.0.0.1", port }, { allowHalfOpen: true });
}

test("workerd: an ordinary TLS server, through the socket API", WORKERD, async () => {
  const connection = await connectTls(await socket(peers!.tls), {
    roots: [root.certificate],
    serverName: "localhost",
  });
  const data = pattern(500_000, 1);
  const [received] = await Promise.all([
    readBytes(connection.readable, data.length),
    sendBytes(connection, data),
  ]);
  assert.deepEqual(received, data);
  await connection.close();
});

test("workerd: a TLS server of another name is refused", WORKERD, async () => {
  const refused = connectTls(await socket(peers!.tls), {
    roots: [root.certificate],
    serverName: "other.example",
  });
  await channelError(() => refused, "certificate");
});

test("workerd: channels of every setting, through the socket API", WORKERD, async () => {
  for (const security of requests) {
    const channel = await connectChannel(await socket(peers!.tcp), { security });
    const message = pattern(100_000, 2);
    await channel.send(message);
    assert.deepEqual(await channel.receive(), message);
    await channel.close();
  }
});

test(
  "workerd: its own server of channels over WebSocket, as a client beside it sees it",
  WORKERD,
  async () => {
    for (const security of requests) {
      const channel = await connectChannel(webSocketTransport(`ws://127.0.0.1:${peers!.own}/`), { security });
      const message = pattern(100_000, 3);
      await channel.send(message);
      assert.deepEqual(await channel.receive(), message);
      await channel.close();
    }
  },
);
