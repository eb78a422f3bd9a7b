import { concat, toHex } from "../../src/bytes.ts";
import { Aes } from "../../src/crypto/aes.ts";
import { type Hash, sha1 } from "../../src/crypto/hash.ts";
import { hmac } from "../../src/crypto/hmac.ts";
import { ChannelError } from "../../src/errors.ts";
import { tlsOperations } from "../../src/platform/tls_operations.ts";
import { MacThenEncryptProtection } from "../../src/tls/tls12/cbc.ts";
import { tls12Suites } from "../../src/tls/tls12/cipher_suites.ts";
import { tls13Suites } from "../../src/tls/tls13/cipher_suites.ts";
import { Tls13Protection } from "../../src/tls/tls13/protection.ts";
import { RecordLayer } from "../../src/tls/record/layer.ts";
import type { RecordProtection } from "../../src/tls/record/protection.ts";
import type { DirectionKeys } from "../../src/tls/tls12/key_schedule.ts";
import { memoryPair } from "../../src/transport/memory.ts";
import { Wire } from "../../src/wire.ts";
import { assert, channelError, test } from "../_kit/mod.ts";
import { fixedRandom } from "../_kit/replay.ts";

const random = fixedRandom(9);
const suites = tls12Suites(tlsOperations("pure"));

/** Seals in place, as the record layer does. */
function seal(protection: RecordProtection, sequence: number, plaintext: Uint8Array): Uint8Array {
  const sealed = new Uint8Array(protection.sealedLength(plaintext.length));
  sealed.set(plaintext);
  protection.seal(sequence, 23, sealed.subarray(0, plaintext.length), sealed);
  return sealed;
}

test("tls records: every suite opens what it sealed, of any length, and nothing else", async () => {
  for (const suite of suites) {
    for (const encryptThenMac of suite.cbc ? [true, false] : [false]) {
      const keys: DirectionKeys = {
        macKey: random(suite.macLength),
        key: random(suite.keyLength),
        fixedIv: random(suite.fixedIvLength),
      };
      const protection = suite.protection(keys, encryptThenMac, random);
      for (const length of [0, 1, 7, 8, 15, 16, 17, 255, 256, 1000, 2 ** 14]) {
        const plaintext = random(length);
        const sequence = 2 ** 33 + length;
        const sealed = seal(protection, sequence, plaintext);
        assert.deepEqual((await protection.open(sequence, 23, sealed)).fragment, plaintext);
        const wrongs = [
          () => protection.open(sequence + 1, 23, sealed),
          () => protection.open(length, 23, sealed),
          () => protection.open(sequence, 22, sealed),
          () => protection.open(sequence, 23, sealed.subarray(1)),
          () => protection.open(sequence, 23, sealed.subarray(0, -suite.fixedIvLength - 8)),
          () => protection.open(sequence, 23, new Uint8Array(0)),
        ];
        for (const wrong of wrongs) {
          assert.equal((await channelError(wrong, "decrypt")).alert, "bad_record_mac");
        }
      }
    }
  }
});

/** A protection by each suite with an AEAD cipher. */
function aeadCiphers(): [string, RecordProtection][] {
  return [
    ...suites.filter(({ cbc }) => !cbc).map(
      ({ name, protection, ...lengths }): [string, RecordProtection] => {
        const keys = {
          macKey: random(0),
          key: random(lengths.keyLength),
          fixedIv: random(lengths.fixedIvLength),
        };
        return [name, protection(keys, false, random)];
      },
    ),
    ...tls13Suites(tlsOperations("pure")).map((suite): [string, RecordProtection] => [
      suite.name,
      new Tls13Protection(suite, random(suite.hash.outputLen)),
    ]),
  ];
}

test("tls records: under one key each number of a record gives another nonce", () => {
  const numbers = [0, 1, 2, 255, 256, 257, 65_535, 65_536, 2 ** 24, 2 ** 32 - 1, 2 ** 32, 2 ** 33, 2 ** 52];
  const plaintext = new Uint8Array(32);
  for (const [name, protection] of aeadCiphers()) {
    // With the same nonce, the same plaintext would have the same ciphertext, which precedes the 16-byte tag.
    const seen = numbers.map((number) => toHex(seal(protection, number, plaintext).subarray(-48, -17)));
    assert.equal(new Set(seen).size, numbers.length, name);
  }
});

test("tls records: each record has the next number, so none is opened again, or before its turn", async () => {
  const layer = (wire: Wire): RecordLayer => {
    const layer = new RecordLayer(wire);
    layer.versionSettled = true;
    return layer;
  };
  for (const [name, protection] of aeadCiphers()) {
    const [near, far] = memoryPair();
    const writer = layer(new Wire(near));
    writer.writing.use(protection);
    const plaintext = new Uint8Array(32);
    for (let i = 0; i < 2; i++) await writer.write(23, [plaintext]);
    const sent = new Wire(far);
    const [first, second] = [
      await sent.take(5 + protection.sealedLength(32)),
      await sent.take(5 + protection.sealedLength(32)),
    ];
    assert.notEqual(toHex(first.subarray(-48, -17)), toHex(second.subarray(-48, -17)), name);
    for (const [records, opened] of [[[first, second], 2], [[first, first], 1], [[second], 0]] as const) {
      const [from, to] = memoryPair();
      const reader = layer(new Wire(to));
      reader.reading.use(protection);
      await new Wire(from).write(concat(...records));
      await reader.more();
      for (let i = 0; i < opened; i++) assert.deepEqual((await reader.poll())?.fragment, plaintext, name);
      if (opened === records.length) continue;
      const error = await channelError(async () => await reader.poll(), "decrypt");
      assert.equal(error.alert, "bad_record_mac", name);
    }
  }
});

/** RFC 5246 section 6.2.3.2: valid padding, and the same alert for all invalid padding. */
test("tls records: padding under a valid MAC", async () => {
  const keys: DirectionKeys = { macKey: random(20), key: random(32), fixedIv: random(0) };
  const suite = suites.find(({ name }) => name === "TLS_RSA_WITH_AES_256_CBC_SHA")!;
  const protection = suite.protection(keys, false, random);
  const cipher = new Aes(keys.key);
  const record = (
    length: number,
    padding: (least: number) => readonly number[],
  ): [Uint8Array, Uint8Array] => {
    const plaintext = random(length);
    const header = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 5, 23, 3, 3, length >> 8, length & 0xff);
    const authenticated = concat(plaintext, hmac(sha1, keys.macKey, concat(header, plaintext)));
    const least = 16 - authenticated.length % 16;
    const iv = random(16);
    const padded = concat(authenticated, Uint8Array.from(padding(least)));
    return [plaintext, concat(iv, cipher.encryptCbc(iv, padded))];
  };
  const all = (count: number, value = count - 1): number[] => Array<number>(count).fill(value);

  for (const extra of [0, 16, 240]) {
    const [plaintext, sealed] = record(27, (least) => all(least + extra));
    assert.deepEqual(
      (await protection.open(5, 23, sealed)).fragment,
      plaintext,
      `${extra} bytes more than needed`,
    );
  }
  const wrong: [number, (least: number) => readonly number[]][] = [
    [20, (least) => [...all(least - 1, 0), least - 1]], // as SSL 3.0 allowed (POODLE)
    [20, (least) => [least, ...all(least - 1, least - 1)]],
    [20, (least) => all(least, least)],
    [20, (least) => all(least, 255)],
    [12, () => []], // none at all: the MAC ends the last block
    [20, (least) => [0, ...all(least + 239)]],
  ];
  for (const [length, padding] of wrong) {
    for (let again = 0; again < 20; again++) {
      const [, sealed] = record(length, padding);
      const error = await channelError(() => protection.open(5, 23, sealed), "decrypt");
      assert.equal(error.alert, "bad_record_mac");
    }
  }

  // Equally many blocks are hashed for records of one length, whatever the padding (Lucky Thirteen).
  const hash = counted(sha1);
  const counting = new MacThenEncryptProtection(keys, {
    blockLength: 16,
    mac: hash,
    cipher: (key) => new Aes(key),
    random,
  });
  const blocks = [
    record(27, (least) => all(least + 240)),
    record(155, (least) => all(least + 112)),
    record(267, (least) => all(least)),
    record(266, (least) => [7, least - 1]), // wrong
  ].map(([, sealed], i) => {
    hash.blocks = 0;
    if (i < 3) counting.open(5, 23, sealed);
    else assert.throws(() => counting.open(5, 23, sealed), ChannelError);
    return hash.blocks;
  });
  assert.deepEqual(blocks, blocks.map(() => blocks[0]));
});

/** A hash function that counts the blocks that it compresses. */
function counted(hash: Hash): Hash & { blocks: number } {
  const create = () => {
    const state = hash.create();
    const inner = state as unknown as { process(block: DataView, offset: number): void };
    const process = inner.process.bind(state);
    inner.process = (block, offset) => {
      counting.blocks++;
      process(block, offset);
    };
    return state;
  };
  const counting = Object.assign((message: Uint8Array) => hash(message), hash, { create, blocks: 0 });
  return counting;
}
