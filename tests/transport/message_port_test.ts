import { Buffer } from "node:buffer";
import { assert, channelError, test, type TestOptions } from "../_kit/mod.ts";
import { messagePortTransport } from "../../src/transport/message_port.ts";
import type { Transport } from "../../src/connection.ts";
import { exchange, numbered, pause, readAll, takenWithoutReader, writeAll } from "./_streams.ts";

/** Passes two ports to `use`. Closes them also if that fails, since an open port keeps the process running. */
async function withPorts(use: (ports: MessageChannel) => Promise<void>): Promise<void> {
  const ports = new MessageChannel();
  try {
    await use(ports);
  } finally {
    ports.port1.close();
  }
}

function withPair(use: (a: Transport, b: Transport) => Promise<void>): Promise<void> {
  return withPorts(({ port1, port2 }) => use(messagePortTransport(port1), messagePortTransport(port2)));
}

/** workerd's ports copy instead of transferring, and refuse a transfer list. */
const WITH_TRANSFER: TestOptions = { on: ["node", "deno", "bun", "chromium", "firefox", "webkit"] };

test("message port: a megabyte both ways at once, then both ends", WITH_TRANSFER, () => withPair(exchange));

test(
  "message port: written bytes are copied, so the writer keeps its buffer, also one of Node",
  WITH_TRANSFER,
  async () => {
    for (const whole of [numbered(100), Buffer.alloc(100, numbered(100))]) {
      await withPair(async (a, b) => {
        await writeAll(a, whole.subarray(10, 90));
        whole[50] = 77; // it is written
        assert.deepEqual(await readAll(b), numbered(100).subarray(10, 90));
        assert.equal(whole.length, 100);
        await b.writable.close();
      });
    }
  },
);

test(
  "message port: a reader that does not read blocks the writer, and what was taken arrives",
  WITH_TRANSFER,
  () =>
    withPair(async (a, b) => {
      const taken = await takenWithoutReader(a, 10_000, 100_000_000);
      assert.ok(taken <= 262_144 + 65_536, `${taken} bytes were taken`);
      const reader = b.readable.getReader();
      for (let length = 0; length < taken + 1_000_000;) length += (await reader.read()).value!.length;
      await reader.cancel();
      await b.writable.close();
    }),
);

test(
  "message port: an abort and a cancellation are seen at the other end, also by a write that waits",
  WITH_TRANSFER,
  () =>
    withPair(async (a, b) => {
      const writer = a.writable.getWriter();
      const waiting = writer.write(new Uint8Array(1_000_000));
      await pause(20);
      await writer.abort();
      await waiting.catch(() => {});
      assert.match((await channelError(() => readAll(b), "transport")).message, /aborted/);

      const held = b.writable.getWriter();
      const second = held.write(new Uint8Array(1_000_000)).catch(() => {});
      await pause(20);
      await a.readable.cancel();
      await second;
      assert.match(
        (await channelError(() => held.write(numbered(1)), "transport")).message,
        /stopped reading/,
      );
    }),
);

test("message port: an invalid message, and more bytes than granted, end the transport", async () => {
  for (const message of ["hello", -1, 0, 1.5, null, { data: 1 }, new ArrayBuffer(4), undefined]) {
    await withPorts(async ({ port1, port2 }) => {
      const transport = messagePortTransport(port1);
      port2.postMessage(message);
      await channelError(() => readAll(transport), "protocol");
      await channelError(() => transport.writable.getWriter().write(numbered(1)), "protocol");
    });
  }
  await withPorts(async ({ port1, port2 }) => {
    const transport = messagePortTransport(port1);
    for (let i = 0; i < 6; i++) port2.postMessage(new Uint8Array(60_000));
    await channelError(() => transport.writable.getWriter().closed, "limit"); // nobody reads until then
    await channelError(() => readAll(transport), "limit");
  });
});

test("message port: a message that cannot be read and the loss of the other end are errors", () =>
  withPorts(async ({ port1 }) => {
    const transport = messagePortTransport(port1);
    const reading = transport.readable.getReader().read();
    port1.dispatchEvent(new MessageEvent("messageerror"));
    await channelError(() => reading, "protocol");
    await channelError(() => transport.writable.getWriter().write(numbered(1)), "protocol");
  }));
