import { execFile } from "node:child_process";
import process from "node:process";
import { promisify } from "node:util";
import { assert, type Runtime, runtime, test } from "../_kit/mod.ts";
import { DENO_RUN } from "../_kit/deno_run.ts";
import { httpServer, webSocketClient } from "../transport/_http_server.ts";
import { dial, dialWebSocket, listen, listenWebSocket } from "../../src/transport/node.ts";
import { testServing } from "./_serving.ts";

testServing("serve, node TCP", {}, async () => {
  const listener = await listen();
  return { listener, dial: () => dial(listener) };
});

// The answer to a WebSocket's opening is a digest of the platform's.
testServing("serve, node WebSocket", { needs: ["subtle"] }, async () => {
  const listener = await listenWebSocket();
  return { listener, dial: () => dialWebSocket(`ws://127.0.0.1:${listener.port}`) };
});

testServing("serve, the runtime's WebSockets", {}, async () => {
  const { listener, port, close } = await httpServer();
  return { listener, dial: () => Promise.resolve(webSocketClient(port)), close };
});

const FLAGS: Readonly<Partial<Record<Runtime, readonly string[]>>> = {
  node: ["--import", "tsx"],
  deno: DENO_RUN,
  bun: ["run"],
};

test("serve: after its close nothing is left open, and the program ends", async () => {
  const program = new URL("_ends.ts", import.meta.url).pathname;
  const options = { timeout: 30_000 };
  const { stdout } = await promisify(execFile)(process.execPath, [...FLAGS[runtime]!, program], options);
  assert.equal(stdout, "closed\n");
});
