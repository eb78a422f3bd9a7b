import { concat, toUtf8 } from "../../src/bytes.ts";
import { sha256 } from "../../src/crypto/hash.ts";
import { ChannelError, type ErrorCode } from "../../src/errors.ts";
import { connectNative, type NativeClientIdentity } from "../../src/noise/client.ts";
import { generateKeyPair } from "../../src/noise/mod.ts";
import {
  acceptNative,
  checkServerIdentity,
  type NativeOffer,
  type NativeServerIdentity,
} from "../../src/noise/server.ts";
import type { NoiseSession } from "../../src/noise/session.ts";
import type { CipherName } from "../../src/noise/protocol.ts";
import { aesGcmOperations } from "../../src/platform/noise_aes.ts";
import { chaChaPolyOperations } from "../../src/platform/noise_chacha.ts";
import { type CompressionOffer, encodePreface } from "../../src/preface.ts";
import { memoryPair } from "../../src/transport/memory.ts";
import { Wire } from "../../src/wire.ts";
import { assert, channelError, test } from "../_kit/mod.ts";
import { flip, tamperedWires } from "./_helpers.ts";
import { client, clientKeys, secret, server, WAYS } from "./_ways.ts";

const MESSAGE: CompressionOffer = { mode: "message" };
const stranger = generateKeyPair();

const operationsOf = (cipher: CipherName) =>
  cipher === "AESGCM" ? aesGcmOperations("platform") : chaChaPolyOperations("platform");
const OPERATIONS = chaChaPolyOperations("platform");
const DEFAULTS = { compression: MESSAGE, cipher: "ChaChaPoly", operations: OPERATIONS } as const;

type Sides = [PromiseSettledResult<NoiseSession>, PromiseSettledResult<NoiseSession>];

/** Runs both sides as a channel does: if a side fails, its transport ends. */
async function shake(
  wires: [Wire, Wire],
  identity: NativeClientIdentity,
  offers: readonly NativeServerIdentity[],
  compression: CompressionOffer = MESSAGE,
  own: CompressionOffer = MESSAGE,
  ciphers: readonly [CipherName, CipherName] = ["ChaChaPoly", "ChaChaPoly"],
): Promise<Sides> {
  const side = async (wire: Wire, work: () => Promise<NoiseSession>) => {
    try {
      return await wire.within({ milliseconds: 10_000 }, work);
    } catch (error) {
      wire.abort(new ChannelError("aborted", "the handshake failed", { cause: error }));
      throw error;
    }
  };
  return await Promise.allSettled([
    side(
      wires[0],
      () =>
        connectNative(wires[0], {
          identity,
          compression,
          cipher: ciphers[0],
          operations: operationsOf(ciphers[0]),
        }),
    ),
    side(wires[1], async () => {
      const each = offers.map((offer): NativeOffer => ({
        identity: offer,
        compression: own,
        cipher: ciphers[1],
        operations: operationsOf(ciphers[1]),
      }));
      return (await acceptNative(wires[1], each)).session;
    }),
  ]);
}

function wirePair(recut?: number): [Wire, Wire] {
  const [a, b] = memoryPair(recut === undefined ? {} : { recut });
  return [new Wire(a), new Wire(b)];
}

function both(sides: Sides): [NoiseSession, NoiseSession] {
  return sides.map((side) => {
    if (side.status === "rejected") throw side.reason;
    return side.value;
  }) as [NoiseSession, NoiseSession];
}

async function failures(sides: Sides): Promise<[ChannelError, ChannelError]> {
  const [first, second] = sides.map((side) => channelError(() => both([side, side])));
  return [await first, await second];
}

test("each way to know the peer: its pattern, its bytes, data, and an orderly end, in any cutting", async () => {
  for (const way of WAYS) {
    for (const recut of [undefined, 1, 3]) {
      const wires = wirePair(recut);
      const sessions = both(await shake(wires, way.client, [way.server]));
      const total = wires[0].sent + wires[1].sent;
      assert.equal(total, way.bytes, way.pattern);

      for (const [index, { info }] of sessions.entries()) {
        assert.equal(info.protocol, `Noise_${way.pattern}_25519_ChaChaPoly_SHA256`);
        assert.equal(info.handshake.sent, wires[index].sent);
        assert.equal(info.handshake.received, wires[1 - index].sent);
      }
      const [near, far] = sessions;
      assert.deepEqual(near.info.peerKey, way.pattern.startsWith("NN") ? undefined : server.publicKey);
      assert.deepEqual(far.info.peerKey, way.pattern.startsWith("N") ? undefined : client.publicKey);

      for (const [from, to] of [[near, far], [far, near]]) {
        await from.write([toUtf8("hello, "), toUtf8("world")]);
        await from.close();
        assert.deepEqual(await to.read(), toUtf8("hello, world"));
        assert.equal(await to.read(), null);
        assert.equal(await to.read(), null);
      }
      await channelError(() => near.write([secret]), "closed");
    }
  }
});

test("every disagreement is one clear error on each side", async () => {
  const cases: [string, NativeClientIdentity, readonly NativeServerIdentity[], ErrorCode, ErrorCode][] = [
    ["wrong secret", { secret: sha256(secret) }, [{ secret }], "decrypt", "decrypt"],
    ["wrong server key", { serverKey: stranger.publicKey }, [{ keyPair: server }], "decrypt", "decrypt"],
    ["no such pattern", { secret }, [{ keyPair: server }], "not_offered", "not_offered"],
    ["nothing offered", { secret }, [], "not_offered", "not_offered"],
    ["anyone is not let in", { trust: "anyone" }, [{ secret }], "not_offered", "not_offered"],
    [
      "a client without a key where keys are listed",
      { serverKey: server.publicKey },
      [{ keyPair: server, clientKeys }],
      "not_offered",
      "not_offered",
    ],
    [
      "IK: a client that is not listed",
      { serverKey: server.publicKey, keyPair: stranger },
      [{ keyPair: server, clientKeys }],
      "untrusted",
      "untrusted",
    ],
    [
      "KK: another client's key",
      { serverKey: server.publicKey, keyPair: stranger, known: true },
      [{ keyPair: server, clientKeys }],
      "decrypt",
      "decrypt",
    ],
    [
      "KK where several clients are listed",
      { serverKey: server.publicKey, keyPair: client, known: true },
      [{ keyPair: server, clientKeys: [stranger.publicKey, client.publicKey] }],
      "not_offered",
      "not_offered",
    ],
    [
      "IK: the server's check of keys fails",
      { serverKey: server.publicKey, keyPair: client },
      [{ keyPair: server, clientKeys: () => Promise.reject(new Error("the database is down")) }],
      "untrusted",
      "untrusted",
    ],
    [
      "XX: the client's check of keys fails",
      { keyPair: client, trust: () => Promise.reject(new Error("the database is down")) },
      [{ keyPair: server, clientKeys }],
      "untrusted",
      "transport",
    ],
    [
      "XX: the client refuses the server's key",
      { keyPair: client, trust: (key) => key[0] !== server.publicKey[0] },
      [{ keyPair: server, clientKeys }],
      "untrusted",
      "transport",
    ],
  ];
  for (const [name, identity, offers, clientCode, serverCode] of cases) {
    const errors = await failures(await shake(wirePair(), identity, offers));
    assert.deepEqual(errors.map(({ code }) => code), [clientCode, serverCode], name);
  }
});

test("XX: a refused client learns of it in its first read", async () => {
  const identity: NativeClientIdentity = {
    keyPair: stranger,
    trust: (key) => Promise.resolve(key.length === 32),
  };
  const [near, far] = await shake(wirePair(), identity, [{ keyPair: server, clientKeys }]);
  assert.equal(far.status, "rejected");
  await channelError(() => both([far, far]), "untrusted");
  assert.equal(near.status, "fulfilled");
  const error = await channelError(() => both([near, near])[0].read(), "alert");
  assert.equal(error.direction, "received");
  assert.match(error.message, /untrusted/);
});

test("of several offers the one that fits is used", async () => {
  const offers: NativeServerIdentity[] = [
    { secret: sha256(secret) },
    { keyPair: server, clientKeys: (key) => Promise.resolve(key[5] === client.publicKey[5]) },
    { keyPair: stranger },
    { secret },
    { keyPair: server },
  ];
  const asked: NativeClientIdentity[] = [
    { secret },
    { serverKey: server.publicKey },
    { serverKey: stranger.publicKey },
    { serverKey: server.publicKey, keyPair: client },
  ];
  for (const identity of asked) {
    const [near, far] = both(await shake(wirePair(), identity, offers));
    await near.write([secret]);
    assert.deepEqual(await far.read(), secret);
  }
});

test("both sides use the weaker mode of compression and the same dictionary", async () => {
  const [id, other] = [secret.subarray(0, 8), secret.subarray(8, 16)];
  const identity = { secret };
  const agreed = async (offer: CompressionOffer, own: CompressionOffer) => {
    const [near, far] = both(await shake(wirePair(), identity, [identity], offer, own));
    assert.equal(near.info.compression.mode, far.info.compression.mode);
    assert.deepEqual(near.info.compression.dictionaryId, far.info.compression.dictionaryId);
    return [near.info.compression.mode, near.info.compression.dictionaryId !== undefined];
  };
  assert.deepEqual(await agreed({ mode: "stream" }, { mode: "message" }), ["message", false]);
  assert.deepEqual(await agreed({ mode: "message" }, { mode: "stream" }), ["message", false]);
  assert.deepEqual(await agreed({ mode: "stream", dictionaryId: id }, { mode: "stream", dictionaryId: id }), [
    "stream",
    true,
  ]);
  assert.deepEqual(await agreed({ mode: "message" }, { mode: "stream", dictionaryId: id }), [
    "message",
    false,
  ]);
  assert.deepEqual(await agreed({ mode: "message", dictionaryId: id }, { mode: "off" }), ["off", false]);

  for (const own of [{ mode: "message" } as const, { mode: "message", dictionaryId: other } as const]) {
    const offer = { mode: "message", dictionaryId: id } as const;
    const errors = await failures(await shake(wirePair(), identity, [identity], offer, own));
    assert.deepEqual(errors.map(({ code }) => code), ["not_offered", "not_offered"]);
    assert.match(errors[0].message, /dictionary/);
  }
});

test("a flipped bit anywhere in a handshake leaves both sides with an error", async () => {
  for (const way of WAYS.filter(({ pattern }) => ["NNpsk0", "IK", "XX"].includes(pattern))) {
    const wires = wirePair();
    await shake(wires, way.client, [way.server]);
    const thirdMessage = way.pattern === "XX" ? 64 : 0;
    const [there, back] = [wires[0].sent - thirdMessage, wires[1].sent];
    const positions = [
      ...Array.from({ length: there }, (_, i) => [i, true] as const),
      ...Array.from({ length: back }, (_, i) => [i, false] as const),
    ];
    for (const [position, forward] of positions) {
      const change = flip(position, position % 8);
      const tampered = forward ? tamperedWires(change) : tamperedWires(undefined, change);
      const [near, far] = await shake(tampered, way.client, [way.server]);
      const error = await channelError(() => both([near, near]));
      assert.ok(error.code !== "timeout", `${way.pattern}: byte ${position}`);
      // If the server has completed the handshake before the client refuses, the server learns of it at its first read.
      await channelError(() => both([far, far])[0].read());
    }
  }
});

test("the preface is authenticated: compression cannot be removed on the path", async () => {
  for (const way of WAYS) {
    const [near, far] = await shake(tamperedWires(flip(6, 0)), way.client, [way.server]);
    await channelError(() => both([near, near]), "decrypt");
    if (!["NN", "XX"].includes(way.pattern)) await channelError(() => both([far, far]), "decrypt");
  }
});

test("XX: a flipped bit in the third message stops the server", async () => {
  const way = WAYS.find(({ pattern }) => pattern === "XX")!;
  for (let i = 0; i < 64; i++) {
    const [, far] = await shake(tamperedWires(flip(7 + 32 + i)), way.client, [way.server]);
    await channelError(() => both([far, far]), "decrypt");
  }
});

test("a recorded conversation that is played again delivers nothing", async () => {
  for (const way of WAYS) {
    const chunks: Uint8Array[] = [];
    const record = (chunk: Uint8Array) => {
      chunks.push(chunk);
      return chunk;
    };
    const [near, far] = both(await shake(tamperedWires(record), way.client, [way.server]));
    await near.write([secret]);
    await near.close();
    assert.deepEqual(await far.read(), secret);
    assert.equal(await far.read(), null);

    const [replay, again] = wirePair();
    await replay.write(concat(...chunks));
    const offers = [{ identity: way.server, ...DEFAULTS }];
    await channelError(
      async () => await (await acceptNative(again, offers)).session.read(),
      "decrypt",
    );
  }
});

test("AES-GCM if both sides choose it; different choices are refused, and tampering does not hide the difference", async () => {
  for (const ciphers of [["AESGCM", "AESGCM"], ["AESGCM", "ChaChaPoly"], ["ChaChaPoly", "AESGCM"]] as const) {
    const sides = await shake(wirePair(), { secret }, [{ secret }], MESSAGE, MESSAGE, ciphers);
    if (ciphers[0] !== ciphers[1]) {
      for (const side of sides) {
        assert.ok(side.status === "rejected");
        assert.equal(side.reason.code, "not_offered");
        assert.match(side.reason.message, /the same cipher: ChaChaPoly or AESGCM/);
      }
      continue;
    }
    const [near, far] = both(sides);
    assert.equal(near.info.protocol, "Noise_NNpsk0_25519_AESGCM_SHA256");
    await near.write([secret]);
    await near.close();
    assert.deepEqual(await far.read(), secret);
    assert.equal(await far.read(), null);
  }
  const [near, far] = wirePair();
  const connecting = connectNative(near, { identity: { secret }, ...DEFAULTS });
  const preface = (await far.take(7 + 48)).slice();
  preface[6] ^= 0x40; // somebody on the way
  const [there, here] = wirePair();
  await there.write(preface);
  const offers = [{
    identity: { secret },
    ...DEFAULTS,
    cipher: "AESGCM" as const,
    operations: operationsOf("AESGCM"),
  }];
  await channelError(() => acceptNative(here, offers), "decrypt");
  near.abort(new ChannelError("aborted", "done"));
  await connecting.catch(() => {});
});

test("an invalid preface, another version and an unknown request are refused", async () => {
  const preface = encodePreface(2, MESSAGE);
  const changed = (position: number, value: number) => {
    const bytes = concat(preface, new Uint8Array(100));
    bytes[position] = value;
    return bytes;
  };
  const cases: [Uint8Array, ErrorCode, number | undefined][] = [
    [changed(0, 0x16), "protocol", undefined],
    [changed(4, 2), "not_offered", 1],
    [changed(5, 0), "not_offered", 2],
    [changed(5, 7), "not_offered", 2],
    [changed(5, 255), "not_offered", 2],
    [changed(6, 3), "protocol", undefined],
    [changed(6, 0x21), "protocol", undefined],
    [changed(6, 0x41), "not_offered", 6],
    [preface.subarray(0, 3), "truncated", undefined],
    [preface.subarray(0, 6), "truncated", undefined],
    [preface, "truncated", undefined],
  ];
  for (const [bytes, code, answer] of cases) {
    const [near, far] = wirePair();
    await near.write(bytes);
    await near.end();
    await channelError(() => acceptNative(far, [{ identity: { secret }, ...DEFAULTS }]), code);
    if (answer !== undefined) assert.deepEqual([...await near.take(1)], [answer]);
  }
});

test("a client reports a peer of another protocol", async () => {
  const answers: [Uint8Array, ErrorCode][] = [
    [toUtf8("HTTP/1.1 400 Bad Request"), "protocol"],
    [Uint8Array.of(0x15, 3, 3, 0, 2, 2, 10), "protocol"],
    [new Uint8Array(), "truncated"],
    [new Uint8Array(20), "truncated"],
    [new Uint8Array(50), "crypto"],
  ];
  for (const [bytes, code] of answers) {
    const [near, far] = wirePair();
    if (bytes.length > 0) await far.write(bytes);
    await far.end();
    await channelError(
      () => connectNative(near, { identity: { secret }, ...DEFAULTS }),
      code,
    );
  }
});

test("wrong arguments are TypeErrors and RangeErrors", async () => {
  const [near] = wirePair();
  const connect = (identity: NativeClientIdentity, compression = MESSAGE) =>
    connectNative(near, { identity, ...DEFAULTS, compression });
  await assert.rejects(connect({ secret: secret.subarray(1) }), RangeError);
  await assert.rejects(connect({ serverKey: new Uint8Array(33) }), RangeError);
  await assert.rejects(connect({ secret }, { mode: "message", dictionaryId: secret }), RangeError);
  const without = [{}, { secret: undefined }, { serverKey: undefined }, { trust: "everyone" }, {
    keyPair: client,
  }];
  const tooMuch = [{ secret, trust: "anyone" }, { secret, serverKey: server.publicKey }];
  for (const identity of [...without, ...tooMuch] as NativeClientIdentity[]) {
    await assert.rejects(connect(identity), TypeError);
  }
  assert.equal(near.sent, 0);

  const identities = [{}, { secret, trust: "anyone" }, { secret, clientKeys }] as NativeServerIdentity[];
  for (const identity of identities) assert.throws(() => checkServerIdentity(identity), TypeError);
  assert.throws(() => checkServerIdentity({ secret: secret.subarray(1) }), RangeError);
  assert.throws(() => checkServerIdentity({ keyPair: server, clientKeys: [new Uint8Array(33)] }), RangeError);
});
