import { assert, channelError, test } from "../_kit/mod.ts";
import { toUtf8 } from "../../src/bytes.ts";
import { type BunSocket, bunSocketHandlers, dial, listen } from "../../src/transport/bun.ts";
import type { TcpTransport } from "../../src/transport/tcp.ts";
import { testTcp } from "./_tcp.ts";

testTcp("bun", { on: ["bun"] }, { dial, listen, resets: true });

test("bun: what the peer sent before a write failed can be read, and is followed by the write's error", {
  on: ["node", "deno", "bun"],
}, async () => {
  for (const cause of [undefined, new Error("reset")]) {
    let transport!: TcpTransport;
    let isReset = false;
    const socket: BunSocket = {
      write: () => -1,
      shutdown() {},
      terminate: () => void (isReset = true),
      pause() {},
      resume() {},
      setNoDelay() {},
    };
    const handlers = bunSocketHandlers((opened) => transport = opened);
    handlers.open(socket);
    const reader = transport.readable.getReader();
    const reading = reader.read();
    await channelError(() => transport.writable.getWriter().write(new Uint8Array(1)), "transport");
    handlers.data(socket, toUtf8("why"));
    assert.deepEqual((await reading).value, toUtf8("why"));
    assert.equal(isReset, false);
    const failing = channelError(() => reader.read(), "transport");
    if (cause === undefined) handlers.end(socket);
    else handlers.close(socket, cause);
    assert.match((await failing).message, /closed/);
  }
});
