import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { assert, channelError, test } from "../_kit/mod.ts";
import { dialWebSocket, type DialWebSocketOptions, webSocketUpgrades } from "../../src/transport/node.ts";
import { serveTransports } from "../../src/server/transport_server.ts";
import { httpServer, webSocketClient } from "./_http_server.ts";
import { echoed, numbered } from "./_streams.ts";
import { webSocketListener } from "../../src/transport/websocket/mod.ts";

test("websocket: a server closes what its handler has locked, whether it returns, throws or goes on for ever", async () => {
  const ends = [() => {}, () => assert.fail("thrown"), () => new Promise<void>(() => {})];
  for (const end of ends) {
    const { port, listener, close } = await httpServer();
    const running = serveTransports(listener, {}, async ({ readable, writable }) => {
      readable.getReader();
      await writable.getWriter().write(numbered(3));
      await end();
    });
    const client = webSocketClient(port);
    const reader = client.readable.getReader();
    assert.equal((await reader.read()).value!.length, 3);
    if (end === ends[2]) await running.close({ grace: 10 });
    assert.equal((await reader.read()).done, true);
    await client.writable.close();
    await running.close();
    await close();
  }
});

test("websocket: an invalid request is refused with 400", async () => {
  const { port, close } = await httpServer();
  const socket = connect(port, "127.0.0.1");
  socket.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"); // without a key
  const [answer] = await once(socket, "data");
  assert.match(String(answer), /^HTTP\/1.1 400 /);
  socket.destroy();
  await close();
});

test("websocket: on the port of an HTTP server of Node, which continues to serve pages", {
  needs: ["subtle"],
}, async () => {
  const webSockets = webSocketUpgrades({ paths: ["/channel"] });
  const errors: string[] = [];
  const onError = (error: unknown) => void errors.push((error as Error).message);
  const running = serveTransports(
    webSockets,
    { onError },
    ({ readable, writable }) => readable.pipeTo(writable),
  );
  const http = createServer((_request, response) => response.end("a page")).listen(0, "127.0.0.1");
  http.on("upgrade", webSockets.upgrade);
  await once(http, "listening");
  const { port } = http.address() as { port: number };
  const origin = { headers: { origin: `http://127.0.0.1:${port}` } };
  await echoed(await dialWebSocket(`ws://127.0.0.1:${port}/channel`, origin), numbered(300_000));
  assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), "a page");

  const foreign = { headers: { origin: "https://evil.example" } };
  const refused = async (path: string, options: DialWebSocketOptions, status: RegExp) => {
    const { message } = await channelError(
      () => dialWebSocket(`ws://127.0.0.1:${port}${path}`, options),
      "protocol",
    );
    assert.match(message, status);
  };
  await refused("/channel", foreign, / 403 /);
  await refused("/other", {}, / 404 /);
  await running.close();
  await refused("/channel", {}, / 503 /);
  assert.deepEqual(errors.map((error) => /answered (\d+)/.exec(error)?.[1]), ["403", "404"]);
  await new Promise((closed) => http.close(closed));
  assert.throws(() => webSocketUpgrades({ paths: ["channel"] }), TypeError);
});

test("websocket: pages of other hosts and other paths are refused", () => {
  const statusOf = (
    { fetch }: ReturnType<typeof webSocketListener>,
    origin?: string,
    path = "/",
  ): number => {
    const headers = { upgrade: "websocket", host: "app.example", ...(origin !== undefined && { origin }) };
    try {
      // The requests have no key, so an accepted one is answered as a bad request or as one that this runtime cannot
      // upgrade.
      return fetch(new Request(`http://app.example${path}`, { headers })).status;
    } catch (error) {
      assert.ok(error instanceof TypeError);
      return 400;
    }
  };
  const own = webSocketListener({ paths: ["/", "/channel"] });
  assert.equal(statusOf(own), 400);
  assert.equal(statusOf(own, "https://app.example"), 400);
  assert.equal(statusOf(own, "https://app.example", "/channel?x"), 400);
  assert.equal(statusOf(own, "https://evil.example"), 403);
  assert.equal(statusOf(own, "https://app.example:8443"), 403);
  assert.equal(statusOf(own, "null"), 403);
  assert.equal(statusOf(own, "https://app.example", "/other"), 404);
  assert.equal(statusOf(webSocketListener({ origins: "*" }), "https://evil.example"), 400);
  const named = webSocketListener({ origins: ["https://pages.example"] });
  assert.equal(statusOf(named, "https://pages.example"), 400);
  assert.equal(statusOf(named, "https://app.example"), 403);
  assert.throws(() => webSocketListener({ origins: ["pages.example"] }), TypeError);
});
