/** Records with asynchronous protection, as with WebCrypto. */

import { toUtf8 } from "../../src/bytes.ts";
import type { DeferredAead } from "../../src/crypto/aead.ts";
import { AesGcm } from "../../src/crypto/aes.ts";
import { GcmProtection } from "../../src/tls/tls12/aead.ts";
import { ContentType, type TlsRecord } from "../../src/tls/record/content.ts";
import { RecordLayer } from "../../src/tls/record/layer.ts";
import { memoryPair } from "../../src/transport/memory.ts";
import { Wire } from "../../src/wire.ts";
import { assert, channelError, test } from "../_kit/mod.ts";

/** An AES-GCM whose results arrive in another order than the calls. */
function slow(key: number): GcmProtection {
  const aead = new AesGcm(new Uint8Array(32).fill(key));
  let wait = 12;
  const later = async <T>(work: () => T): Promise<T> => {
    await new Promise((resolve) => setTimeout(resolve, wait = (wait + 7) % 12));
    return work();
  };
  const deferred: DeferredAead = {
    encrypt: (...given) => later(() => aead.encrypt(...given)),
    decrypt: (...given) => later(() => aead.decrypt(...given)),
  };
  return new GcmProtection(deferred, new Uint8Array(4));
}

function layers(): [RecordLayer, RecordLayer] {
  const [near, far] = memoryPair({ highWaterMark: 2 ** 20 });
  const [sender, receiver] = [near, far].map((transport) => new RecordLayer(new Wire(transport)));
  sender.versionSettled = receiver.versionSettled = true;
  sender.writing.use(slow(1));
  receiver.reading.use(slow(1));
  return [sender, receiver];
}

async function next(receiver: RecordLayer): Promise<TlsRecord> {
  for (;;) {
    const record = await receiver.poll();
    if (record !== null) return record;
    assert.ok(await receiver.more());
  }
}

const texts = Array.from({ length: 40 }, (_, i) => `text ${i}`);

test("tls records: sealed and opened side by side, they keep their order", async () => {
  const [sender, receiver] = layers();
  const { applicationData, alert } = ContentType;
  const writing = texts.map((text) => sender.write(applicationData, [toUtf8(text)]));
  writing.push(sender.write(alert, [Uint8Array.of(1, 0)]));
  for (const text of texts) assert.deepEqual((await next(receiver)).fragment, toUtf8(text));
  assert.equal((await next(receiver)).type, alert);
  await Promise.all(writing);
});

test("tls records: large records are sent in one write too", async () => {
  const [sender, receiver] = layers();
  const data = Uint8Array.from({ length: 300_001 }, (_, i) => i * 31 >> 4);
  const writing = sender.write(ContentType.applicationData, [data]);
  let have = 0;
  while (have < data.length) {
    const { fragment } = await next(receiver);
    assert.deepEqual(fragment, data.subarray(have, have += fragment.length));
  }
  await writing;
});

test("tls records: records decrypted in advance with old keys are decrypted again with the new keys", async () => {
  const [sender, receiver] = layers();
  const { applicationData } = ContentType;
  await sender.write(applicationData, [toUtf8("old keys")]);
  sender.writing.use(slow(2));
  await Promise.all(texts.slice(0, 5).map((text) => sender.write(applicationData, [toUtf8(text)])));
  await receiver.wire.fill(200);
  assert.deepEqual((await next(receiver)).fragment, toUtf8("old keys"));
  receiver.reading.use(slow(2)); // as a KeyUpdate in that record has it
  for (const text of texts.slice(0, 5)) assert.deepEqual((await next(receiver)).fragment, toUtf8(text));
});

test("tls records: an invalid record fails when it is read", async () => {
  const [near, far] = memoryPair({ highWaterMark: 2 ** 20 });
  const sender = new RecordLayer(new Wire(near));
  sender.versionSettled = true;
  sender.writing.use(slow(1));
  await sender.write(ContentType.applicationData, [toUtf8("one")]);
  await sender.write(ContentType.applicationData, [toUtf8("two")]);
  const wire = new Wire(far);
  await wire.fill(2 * (5 + 8 + 3 + 16));
  const bytes = wire.buffered.slice();
  bytes[40] ^= 1;
  const [again, there] = memoryPair({ highWaterMark: 2 ** 20 });
  await new Wire(again).write(bytes);
  const receiver = new RecordLayer(new Wire(there));
  receiver.versionSettled = true;
  receiver.reading.use(slow(1));
  assert.deepEqual((await next(receiver)).fragment, toUtf8("one"));
  assert.equal((await channelError(() => next(receiver), "decrypt")).alert, "bad_record_mac");
});
