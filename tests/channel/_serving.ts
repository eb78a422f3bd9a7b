/** The tests of servers on the listeners of each runtime. */

import { assert, channelError, test, type TestOptions } from "../_kit/mod.ts";
import {
  type Channel,
  connect,
  type Listener,
  serve,
  type ServedTransport,
  type Server,
  type Transport,
} from "../../mod.ts";
import { bytes, offers, pause, requests } from "./_helpers.ts";

/** A listener, and a function that connects clients to it. */
export interface Entrance {
  readonly listener: Listener<ServedTransport>;
  readonly dial: () => Promise<Transport>;
  /** Ends other parts, such as the HTTP server that passes WebSockets to the listener. */
  readonly close?: () => Promise<void>;
}

const SIZE = 200_000;
const COUNT = 20;

/** The time in milliseconds within which a transfer ends even on a busy machine. */
const GRACE = 30_000;

/** Registers the tests. */
export function testServing(name: string, options: TestOptions, open: () => Promise<Entrance>): void {
  /** Runs `work` with a server that is closed at the end, and returns the errors and events that the server reported. */
  const served = async (
    handler: Parameters<typeof serve>[2],
    limits: { handshakeTimeout?: number; maxConnections?: number; closeTimeout?: number },
    work: (entrance: Entrance & { enter: () => Promise<Channel>; server: Server }) => Promise<void>,
  ): Promise<string[]> => {
    const errors: string[] = [];
    const entrance = await open();
    const server = serve(entrance.listener, {
      security: [offers.native],
      onError: (error) => void errors.push((error as Error).message),
      ...limits,
    }, handler);
    const asked = { security: requests.native, closeTimeout: 60_000 };
    const enter = async () => await connect(await entrance.dial(), asked);
    try {
      await work({ ...entrance, enter, server });
    } finally {
      await server.close({ grace: 0 });
      await entrance.close?.();
    }
    assert.equal(server.connections, 0);
    return errors;
  };

  test(
    `${name}: silent, surplus and vanishing clients, and handlers that throw, end alone`,
    options,
    async () => {
      const handler = async (channel: Channel) => {
        for await (const message of channel) {
          if (message.length === 1) throw new Error("thrown");
          await channel.send(message);
        }
      };
      const errors = await served(
        handler,
        { handshakeTimeout: Infinity, maxConnections: 3 },
        async ({ dial, enter, server }) => {
          const client = await enter();
          await client.send("hello"); // when that is back, the server's handshake is done, too
          assert.equal((await client.receive())!.length, 5);
          const [silent, vanishing] = [await dial(), await dial()];
          const writer = vanishing.writable.getWriter();
          await writer.write(new Uint8Array([0x46])); // as the first byte of a handshake
          while (server.connections < 3) await pause(5);
          const surplus = await dial(); // for which the first of them gives way
          await ends(silent);
          await writer.abort();
          await surplus.writable.abort();
          while (server.connections > 1) await pause(5);

          const thrown = await enter();
          await thrown.send("x");
          await channelError(() => thrown.closed);
          await client.send("still here");
          assert.equal((await client.receive())!.length, 10);
          await client.close();
          while (server.connections > 0) await pause(5);
        },
      );
      assert.equal(errors.length, 4, errors.join("\n"));
      assert.equal(errors[0], "the connection was ended in its handshake, to make room for another");
      assert.equal(errors[3], "thrown");

      const late = await served(handler, { handshakeTimeout: 300 }, async ({ dial, server }) => {
        await dial().then(ends, () => {}); // on a slow machine, before it is open
        while (server.connections > 0) await pause(5);
      });
      assert.match(late.join(), /^the handshake took more than 300 ms: [^,]*$/);
    },
  );

  test(`${name}: a stream piped in comes back whole after its end`, options, async () => {
    const handler = (channel: Channel) => channel.readable.pipeTo(channel.writable);
    const errors = await served(handler, {}, async ({ enter, server }) => {
      const client = await enter();
      const received = (async () => {
        const sizes: number[] = [];
        for await (const message of client) sizes.push(message.length);
        return sizes;
      })();
      const sizes = Array.from({ length: 20 }, (_, i) => i * 1000);
      const source = new ReadableStream<Uint8Array>({
        start(controller) {
          for (const size of sizes) controller.enqueue(bytes(size));
          controller.close();
        },
      });
      await source.pipeTo(client.writable);
      assert.deepEqual(await received, sizes);
      await client.closed;
      while (server.connections > 0) await pause(5);
    });
    assert.deepEqual(errors, []);
  });

  test(`${name}: a shutdown lets a transfer end, and cuts off one that is stuck`, options, async () => {
    const handler = async (channel: Channel) => {
      const count = (await channel.receive())!.length === 1 ? COUNT : Infinity;
      for (let i = 0; i < count; i++) await channel.send(bytes(SIZE, i));
    };
    let received = 0;
    const errors = await served(handler, {}, async ({ dial, enter, server }) => {
      const [reading, stuck] = [await enter(), await enter()];
      await reading.send("x");
      await stuck.send("xx");
      assert.equal((await reading.receive())!.length, SIZE);
      const closing = server.close({ grace: GRACE });
      for await (const message of reading) received += message.length;
      await reading.close();
      while (server.connections > 1) await pause(5);
      await server.close({ grace: 0 });
      await closing;
      await channelError(async () => {
        while (await stuck.receive() !== null);
      });
      await assert.rejects(async () => { // nobody listens any more
        const late = await dial();
        const { done } = await late.readable.getReader().read();
        if (done) throw new Error("closed");
      });
    });
    assert.equal(received, (COUNT - 1) * SIZE);
    // A platform's WebSocket has no backpressure, and closes when too many bytes wait.
    assert.match(errors.join(), /^(cut off 0 ms after the server was closed|.* code 4009)$/);
  });

  test(
    `${name}: a client that is still sending gets all that was sent before the close`,
    options,
    async () => {
      const handler = async (channel: Channel) => {
        await channel.receive();
        for (let i = 0; i < 10; i++) channel.send(bytes(SIZE, i)).catch(() => {});
      };
      await served(handler, { closeTimeout: 2_000 }, async ({ enter }) => {
        const client = await enter();
        const noise = bytes(20_000);
        const sending = (async () => {
          for (;;) {
            await client.send(noise);
            await pause(1);
          }
        })();
        sending.catch(() => {}); // until the close
        let count = 0;
        for await (const message of client) {
          count += message.length / SIZE;
          await pause(5);
        }
        assert.equal(count, 10);
        await channelError(() => client.close(), "alert"); // nobody took what it sent, and it is told
      });
    },
  );
}

/** Waits for the end of a transport, orderly or not. */
async function ends({ readable }: Transport): Promise<void> {
  const { done } = await readable.getReader().read().catch(() => ({ done: true }));
  assert.ok(done);
}
