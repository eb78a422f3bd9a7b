import { createServer, type Socket } from "node:net";
import { assert, test } from "../_kit/mod.ts";
import { dialWithin, parseTarget } from "../../src/cli/endpoint.ts";

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
