import { assert, channelError, test } from "../_kit/mod.ts";
import { type DataChannelLike, dataChannelTransport } from "../../src/transport/data_channel.ts";
import type { WebSocketEvent } from "../../src/transport/websocket/mod.ts";
import { numbered, readAll, takenWithoutReader } from "./_streams.ts";

// A standard data channel has this interface. Node, Deno and Bun have none, so the tests simulate one.
export const standard: (channel: RTCDataChannel) => unknown = (channel) => dataChannelTransport(channel);

/** One end of a simulated data channel, which delivers its messages to the other end after a delay. */
class Played extends EventTarget implements DataChannelLike {
  readyState: "connecting" | "open" | "closing" | "closed" = "open";
  bufferedAmount = 0;
  binaryType = "blob";
  readonly ordered: boolean;
  readonly maxRetransmits = null;
  readonly maxPacketLifeTime = null;
  other: Played | undefined;
  #sent: Promise<void> = Promise.resolve();

  constructor(ordered = true) {
    super();
    this.ordered = ordered;
  }

  send(data: Uint8Array<ArrayBuffer>): void {
    if (this.other === undefined) {
      this.bufferedAmount += data.length;
      return;
    }
    const copy = data.slice().buffer;
    this.#sent = this.#sent.then(() => this.other!.hear("message", { data: copy }));
  }

  close(): void {
    if (this.readyState === "closed") return;
    this.readyState = "closed";
    this.#sent = this.#sent.then(() => {
      this.hear("close");
      this.other?.close();
    });
  }

  hear(type: string, event: WebSocketEvent = {}): void {
    this.dispatchEvent(Object.assign(new Event(type), event));
  }
}

test("data channel: bytes arrive, and the close is the end", async () => {
  const [a, b] = [new Played(), new Played()];
  [a.other, b.other] = [b, a];
  const [here, there] = [dataChannelTransport(a), dataChannelTransport(b)];
  const writer = here.writable.getWriter();
  const reading = readAll(there);
  await writer.write(numbered(300_000));
  await writer.close();
  assert.deepEqual(await reading, numbered(300_000));
  assert.equal((await readAll(here)).length, 0);
});

test("data channel: writes wait, unreliable channels and text are refused", async () => {
  const held = new Played();
  assert.ok(await takenWithoutReader(dataChannelTransport(held), 100_000, 10_000_000) <= 1_100_000);
  held.close();
  assert.throws(() => dataChannelTransport(new Played(false)), RangeError);
  const texted = new Played();
  const transport = dataChannelTransport(texted);
  texted.hear("message", { data: "text" });
  await channelError(() => readAll(transport), "protocol");
  assert.equal(texted.readyState, "closed");
});
