import { createServer, type Socket } from "node:net";
import { channelError, test } from "../_kit/mod.ts";
import { dial, listen } from "../../src/transport/node.ts";
import { deferred, readAll } from "./_streams.ts";
import { testTcp } from "./_tcp.ts";

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
