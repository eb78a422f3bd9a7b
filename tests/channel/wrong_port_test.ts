/** A TCP client at the port of a WebSocket server, and the reverse. The errors of both ends name the cause. */

import { assert, channelError, test } from "../_kit/mod.ts";
import { connect, type ConnectOptions, serve } from "../../mod.ts";
import { dial, dialWebSocket, listen, listenWebSocket } from "../../src/transport/node.ts";
import { until } from "../_kit/until.ts";
import { offers } from "./_helpers.ts";

const ON = { on: ["node", "deno", "bun"] } as const;

test(
  "wrong port: a TCP client at a WebSocket port gets a clear error, and so does the server",
  ON,
  async () => {
    const listener = await listenWebSocket();
    const errors: string[] = [];
    const onError = (error: unknown) => errors.push((error as Error).message);
    const server = serve(listener, { security: [offers.native], onError }, () => Promise.resolve());
    const clients: ConnectOptions["security"][] = [
      { setting: "native", secret: new Uint8Array(32).fill(1) },
      { setting: "off" },
      { setting: "key", trust: "anyone" },
    ];
    for (const security of clients) {
      const transport = await dial(listener);
      const { message } = await channelError(() => connect(transport, { security }), "protocol");
      assert.match(message, /the server answers in HTTP: connect to it by WebSocket/);
    }
    await until(() => errors.length, { holds: (count) => count === clients.length });
    await server.close();
    for (const error of errors) assert.match(error, /of a channel over TCP: the peer should use ws:\/\//);
  },
);

test(
  "wrong port: a WebSocket client at a TCP port gets a clear error, and so does the server",
  ON,
  async () => {
    const listener = await listen();
    const errors: string[] = [];
    const onError = (error: unknown) => errors.push((error as Error).message);
    const server = serve(listener, { security: [offers.native], onError }, () => Promise.resolve());
    const url = `ws://${listener.host}:${listener.port}/`;
    const { message } = await channelError(() => dialWebSocket(url), "protocol");
    assert.match(message, /400 instead of opening a WebSocket: This Port Takes Channels Over TCP/);
    await server.close();
    assert.deepEqual(errors, [
      "the client speaks HTTP, as for a WebSocket, but this port expects a channel over TCP",
    ]);
  },
);
