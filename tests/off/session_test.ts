import { concat, toUtf8 } from "../../src/bytes.ts";
import { acceptOff, connectOff, type OffSession } from "../../src/off/session.ts";
import { type CompressionOffer, encodePreface, sniffPreface } from "../../src/preface.ts";
import { memoryPair } from "../../src/transport/memory.ts";
import { Wire } from "../../src/wire.ts";
import { assert, channelError, test } from "../_kit/mod.ts";

const OFF: CompressionOffer = { mode: "off" };

async function shake(
  offer: CompressionOffer,
  own: CompressionOffer,
  recut = 100_000,
): Promise<[OffSession, OffSession, Wire, Wire]> {
  const [a, b] = memoryPair({ recut, highWaterMark: 1_000_000 });
  const [near, far] = [new Wire(a), new Wire(b)];
  return [...await Promise.all([connectOff(near, offer), acceptOff(far, own)]), near, far];
}

test("off: 9 bytes of handshake, data, and an orderly end, in any cutting", async () => {
  const data = Uint8Array.from({ length: 400_000 }, (_, i) => i);
  for (const [recut, size] of [[100_000, 400_000], [1, 100]]) {
    const [client, server, near, far] = await shake(OFF, OFF, recut);
    assert.equal(near.sent + far.sent, 9);
    assert.deepEqual([client.info.handshake.sent, server.info.handshake.sent], [7, 2]);
    for (const [from, to] of [[client, server], [server, client]]) {
      await from.write([data.subarray(0, 3), data.subarray(3, size)]);
      await from.close();
      const received: Uint8Array[] = [];
      for (let part = await to.read(); part; part = await to.read()) received.push(part);
      assert.deepEqual(concat(...received), data.subarray(0, size));
      assert.equal(await to.read(), null);
    }
    await channelError(() => client.write([data]), "closed");
  }
});

test("off: compression is agreed, a dictionary must be the same", async () => {
  const dictionaryId = toUtf8("8 bytes.");
  const [client, server] = await shake({ mode: "stream", dictionaryId }, { mode: "message", dictionaryId });
  assert.deepEqual(client.info.compression, { mode: "message", dictionaryId });
  assert.deepEqual(server.info.compression, { mode: "message", dictionaryId });
  const [a, b] = memoryPair();
  const [near, far] = [new Wire(a), new Wire(b)];
  await Promise.all([
    channelError(() => connectOff(near, { mode: "message", dictionaryId }), "not_offered"),
    channelError(() => acceptOff(far, { mode: "message" }), "not_offered"),
  ]);
});

test("off: a cut anywhere is detected", async () => {
  const [client, , near] = await shake(OFF, OFF);
  await client.write([toUtf8("half")]);
  await near.end();
  const [again, server, wire] = await shake(OFF, OFF);
  await again.write([toUtf8("whole")]);
  await wire.write(Uint8Array.of(0, 9, 1));
  await wire.end();
  assert.deepEqual(await server.read(), toUtf8("whole"));
  await channelError(() => server.read(), "truncated");
});

test("off: a client that wants encryption is refused, and a choice that was not offered too", async () => {
  const [a, b] = memoryPair();
  const [near, far] = [new Wire(a), new Wire(b)];
  await near.write(encodePreface(2, OFF));
  await channelError(() => acceptOff(far, OFF), "not_offered");

  const [c, d] = memoryPair();
  const [client, server] = [new Wire(c), new Wire(d)];
  await server.write(Uint8Array.of(0, 1));
  await channelError(() => connectOff(client, OFF), "protocol");
});

test("the first bytes tell the settings apart", () => {
  assert.equal(sniffPreface(encodePreface(0, OFF)), "off");
  assert.equal(sniffPreface(encodePreface(2, OFF)), "native");
  assert.equal(sniffPreface(Uint8Array.of(0x16, 3, 1, 0, 100, 1)), null);
  assert.equal(sniffPreface(toUtf8("FES")), null);
});
