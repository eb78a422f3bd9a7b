import { ByteWriter } from "../../src/byte_fields.ts";
import { concat } from "../../src/bytes.ts";
import { decryptPkcs1 } from "../../src/crypto/rsa/mod.ts";
import { ChannelError } from "../../src/errors.ts";
import { tlsOperations } from "../../src/platform/tls_operations.ts";
import type { CipherSuiteName } from "../../src/tls/cipher_suites.ts";
import { clientHandshake } from "../../src/tls/client.ts";
import { settingsOf, type TlsOptions } from "../../src/tls/options.ts";
import { offersOf } from "../../src/tls/credentials/offers.ts";
import { serverHandshake } from "../../src/tls/server.ts";
import { HandshakeType } from "../../src/tls/handshake/messages.ts";
import type { KeyOperations } from "../../src/tls/credentials/credentials.ts";
import type { Role } from "../../src/tls/handshake/layer.ts";
import { frameMessage } from "../../src/tls/handshake/assembler.ts";
import { ContentType, type TlsRecord } from "../../src/tls/record/content.ts";
import { RecordLayer } from "../../src/tls/record/layer.ts";
import { tls12Suites } from "../../src/tls/tls12/cipher_suites.ts";
import { decodeRekeyOffer, keyLimits } from "../../src/tls/tls12/rekey_extension.ts";
import { acceptTls, connectTls } from "../../src/tls/mod.ts";
import { Rekeying, RekeyType } from "../../src/tls/tls12/rekey.ts";
import type { TlsSession } from "../../src/tls/session.ts";
import { memoryPair, type MemoryPairOptions } from "../../src/transport/memory.ts";
import type { Transport } from "../../src/connection.ts";
import { Wire } from "../../src/wire.ts";
import { pattern } from "../_kit/exchange.ts";
import { rsa1024 } from "../_kit/keys.ts";
import { assert, channelError, test } from "../_kit/mod.ts";
import { record, replayClient, replayServer } from "../_kit/replay.ts";
import { RSA_SUITES } from "../_kit/suites.ts";

const MIB = 2 ** 20;

async function pair(
  options: TlsOptions,
  serverOptions: TlsOptions = options,
  transport: MemoryPairOptions = {},
): Promise<[TlsSession, TlsSession]> {
  const [near, far] = memoryPair(transport);
  const common = { minimumKeyBits: 1024, suites: RSA_SUITES };
  return await Promise.all([
    clientHandshake(new Wire(near), {
      ...common,
      ...options,
      certificateTypes: ["raw"],
      verifyPeer: () => {},
    }),
    serverHandshake(
      new Wire(far),
      offersOf({ ...common, ...serverOptions, credentials: [{ key: rsa1024 }] }),
    ),
  ]);
}

async function send(session: TlsSession, data: Uint8Array, step: number): Promise<void> {
  for (let i = 0; i < data.length; i += step) await session.write([data.subarray(i, i + step)]);
}

async function receive(session: TlsSession, length: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (let have = 0; have < length;) {
    const bytes = await session.read();
    if (bytes === null) break;
    chunks.push(bytes);
    have += bytes.length;
  }
  return concat(...chunks);
}

async function end(...sessions: TlsSession[]): Promise<void> {
  await Promise.all(sessions.map((session) => session.close()));
  for (const session of sessions) assert.equal(await session.read(), null);
}

const SUITES: readonly CipherSuiteName[] = [
  "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
  "TLS_RSA_WITH_AES_256_GCM_SHA384",
];

for (const suite of SUITES) {
  test(`tls: keys are changed in place, both ways, one way and the other, ${suite}`, async () => {
    const size = 4 * MIB;
    const both = [size, size];
    // 3DES is slow, so it is tested only in both directions at once.
    for (const [up, down] of suite === SUITES[0] ? [both] : [[size, 0], [0, size], both]) {
      const [client, server] = await pair({ suites: [suite], rekey: { bytes: MIB } });
      const [upward, downward] = [pattern(up, 1), pattern(down, 2)];
      const [atServer, atClient] = await Promise.all([
        receive(server, up),
        receive(client, down),
        send(client, upward, 50_000),
        send(server, downward, 70_000),
      ]);
      assert.deepEqual(atServer, upward);
      assert.deepEqual(atClient, downward);
      await end(client, server);
      assert.equal(client.keyExchanges, server.keyExchanges);
      assert.ok(client.keyExchanges >= 5 && client.keyExchanges <= 8, `${client.keyExchanges}`);
    }
  });
}

test("tls: keys are changed by their age", () =>
  withClock(async (skip) => {
    const [client, server] = await pair({ rekey: { milliseconds: 1000 } }, {});
    const talk = async () => {
      await Promise.all([client.write(BYTE), server.read()]);
      await Promise.all([server.write(BYTE), client.read()]);
    };
    skip(950);
    await talk();
    assert.equal(client.keyExchanges, 1);
    skip(100);
    for (let i = 0; i < 4; i++) await talk();
    assert.deepEqual([client.keyExchanges, server.keyExchanges], [2, 2]);
    await end(client, server);
  }));

test("tls: two sides that only write still change keys, until the transport's buffers are full", async () => {
  const [client, server] = await pair({ rekey: { bytes: MIB } }, {}, { highWaterMark: 64 * MIB });
  const size = 6 * MIB;
  const [upward, downward] = [pattern(size, 3), pattern(size, 4)];
  await Promise.all([send(client, upward, 100_000), send(server, downward, 100_000)]);
  assert.ok(client.keyExchanges >= 6, `${client.keyExchanges}`);
  assert.deepEqual(await receive(server, size), upward);
  assert.deepEqual(await receive(client, size), downward);
  await end(client, server);
});

test("tls: the lower of two caps counts", async () => {
  const [client, server] = await pair({ rekey: { bytes: 100 * MIB } }, { rekey: { bytes: MIB } });
  await Promise.all([send(client, pattern(3 * MIB, 5), 50_000), receive(server, 3 * MIB)]);
  await end(client, server);
  assert.ok(client.keyExchanges >= 3, `${client.keyExchanges}`);
});

test("tls: without rekeying a session ends at the cap, on either side", async () => {
  const ordinary = { suites: [SUITES[0]], extendedMasterSecret: false }; // which rekeying rests on
  const [client, server] = await pair({ ...ordinary, rekey: { bytes: MIB } });
  const [sent, received] = await Promise.all([
    channelError(() => send(client, pattern(2 * MIB, 6), 10_000), "limit"),
    channelError(() => receive(server, 2 * MIB), "alert"),
  ]);
  assert.deepEqual([sent.alert, received.alert], ["internal_error", "internal_error"]);

  const [careless, careful] = await pair({ ...ordinary, rekey: { bytes: 9 * MIB } }, {
    ...ordinary,
    rekey: { bytes: MIB },
  });
  await Promise.all([
    channelError(() => send(careless, pattern(9 * MIB, 7), 10_000)),
    channelError(() => receive(careful, 9 * MIB), "limit"),
  ]);
});

test("tls: 3DES has a default cap, which a peer can lower, but not raise", async () => {
  const limits = tls12Suites(tlsOperations("pure")).filter(({ name }) => name.includes("3DES"));
  assert.deepEqual(limits.map(({ keyLimit }) => keyLimit), [8 * MIB]);
  const [client, server] = await pair({ suites: [SUITES[0]], rekey: { bytes: 1000 * MIB } }, {
    suites: [SUITES[0]],
  });
  await Promise.all([send(server, pattern(9 * MIB, 9), 500_000), receive(client, 9 * MIB)]);
  await end(client, server);
  assert.equal(server.keyExchanges, 2);
  const cases = [[0, 99, 8], [99, 0, 8], [0, 4, 4], [4, 0, 4], [99, 50, 50], [99, undefined, 99]] as const;
  for (const [own, peer, cap] of cases) {
    const offered = peer === undefined ? undefined : { kibibytes: peer * 1024 };
    const { bytes } = keyLimits(8 * MIB, { bytes: own === 0 ? undefined : own * MIB }, offered);
    assert.equal(bytes, cap * MIB);
  }
  const offer = (kibibytes: number) => new ByteWriter().u8(1).u32(kibibytes).finish();
  assert.equal(decodeRekeyOffer(offer(1024))?.kibibytes, 1024);
  assert.equal(decodeRekeyOffer(offer(0))?.kibibytes, 0);
  for (const kibibytes of [1, 1023]) {
    const error = await channelError(() => decodeRekeyOffer(offer(kibibytes)), "protocol");
    assert.equal(error.alert, "illegal_parameter");
  }
});

/** Runs `work` with a clock that only `skip` advances, so that a busy machine has no influence. */
async function withClock(work: (skip: (milliseconds: number) => void) => Promise<void>): Promise<void> {
  const { now } = performance;
  let time = performance.now();
  performance.now = () => time;
  try {
    await work((milliseconds) => void (time += milliseconds));
  } finally {
    performance.now = now;
  }
}

/** Runs `work` while neither side handles messages of this type. */
async function withoutTaking(type: number, work: () => Promise<void>): Promise<void> {
  const { take } = Rekeying.prototype;
  Rekeying.prototype.take = function (message) {
    return message.type === type ? Promise.resolve() : take.call(this, message);
  };
  try {
    await work();
  } finally {
    Rekeying.prototype.take = take;
  }
}

const BYTE = [new Uint8Array(1)];
/** Waits until everything in transit has arrived. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 50));

test("tls: a client that reads late finds the next request after the server's Finished", async () => {
  await withClock(async (skip) => {
    const [client, server] = await pair({ rekey: { milliseconds: 1000 } });
    skip(1100);
    await client.write(BYTE); // begins an exchange, of which it takes the server's first answer beside
    await server.read();
    const serving = server.read();
    await settled();
    skip(1100);
    await server.write(BYTE);
    await settled();
    await client.read();
    await client.write(BYTE);
    await serving;
    await end(client, server);
    assert.ok(server.keyExchanges >= 2, `${server.keyExchanges}`);
  });
});

test("tls: a client that changes keys faster than rekey.leastMilliseconds allows is refused", async () => {
  await withClock(async (skip) => {
    const [client, server] = await pair({ rekey: { milliseconds: 1000 } }, {
      rekey: { leastMilliseconds: 5000 },
    });
    skip(1100);
    await client.write(BYTE); // begins an exchange
    await channelError(() => server.read(), "limit");
    await channelError(() => client.read(), "alert");

    const [patient, host] = await pair({ rekey: { milliseconds: 5000 } }, {
      rekey: { leastMilliseconds: 5000 },
    });
    skip(5100);
    await patient.write(BYTE);
    await host.read();
    await end(patient, host);
  });
  assert.throws(() => settingsOf({ rekey: { leastMilliseconds: 0 } }), RangeError);
});

test("tls: a server that asks for keys again and again is refused", () =>
  withClock(async (skip) => {
    const age = Object.getOwnPropertyDescriptor(Rekeying.prototype, "age")!;
    const [client, server] = await pair({}, { rekey: { milliseconds: 1_000_000 } });
    skip(950);
    Object.defineProperty(Rekeying.prototype, "age", { get: () => 1_500_000 });
    try {
      const drained = channelError(() => receive(client, Infinity), "limit");
      const told = channelError(() => receive(server, Infinity), "alert");
      await channelError(async () => {
        for (;;) await server.write(BYTE).then(settled);
      }, "alert");
      assert.equal((await drained).alert, "unexpected_message");
      await told;
      assert.equal(client.keyExchanges, 2);
    } finally {
      Object.defineProperty(Rekeying.prototype, "age", age);
    }
  }));

test("tls: a peer that does not answer an exchange fills no memory, and keeps no old key in use", async () => {
  await withoutTaking(RekeyType.request, () =>
    withClock(async (skip) => {
      const [client, server] = await pair({}, { rekey: { milliseconds: 10_000 } });
      skip(11_000);
      let sent = 0;
      const flood = async () => {
        for (;; sent += 65_536) await client.write([new Uint8Array(65_536)]);
      };
      const flooding = channelError(flood);
      const draining = channelError(() => receive(client, Infinity));
      for (let i = 0; i < 100; i++) {
        await server.write(BYTE);
        await new Promise((resolve) => setTimeout(resolve));
      }
      while (sent <= MIB) await settled();
      await settled();
      assert.ok(sent > MIB && sent < 2 * MIB, `${sent} bytes were taken`);
      skip(30_000);
      await channelError(() => server.write(BYTE), "limit");
      assert.ok(sent < 18 * MIB, `${sent} bytes were taken`);
      await Promise.all([flooding, draining]);
    }));
});

test("tls: close does not wait forever for a key exchange", async () => {
  await withoutTaking(RekeyType.clientExchange, () =>
    withClock(async (skip) => {
      const [client, server] = await pair({ rekey: { milliseconds: 1000 } }, {});
      skip(1100);
      await client.write(BYTE);
      await server.read();
      const closing = channelError(() => client.close(), "limit");
      await settled();
      skip(30_000);
      await server.write(BYTE);
      await closing;
    }));
  await withoutTaking(RekeyType.clientExchange, () =>
    withClock(async (skip) => {
      const [near, far] = memoryPair();
      const rekey = { milliseconds: 1000 };
      const [client] = await Promise.all([
        connectTls(near, {
          suites: RSA_SUITES,
          certificateTypes: ["raw"],
          verifyPeer: () => {},
          minimumKeyBits: 1024,
          rekey,
        }),
        acceptTls(far, { suites: RSA_SUITES, credentials: [{ key: rsa1024 }], minimumKeyBits: 1024 }),
      ]);
      skip(1100);
      await client.writable.getWriter().write(new Uint8Array(1));
      await channelError(() => client.close(), "timeout");
    }));
});

test("tls: a close that waits for a key exchange needs nothing to arrive to give up", async () => {
  await withoutTaking(RekeyType.clientExchange, () =>
    withClock(async (skip) => {
      const [client, server] = await pair({ rekey: { milliseconds: 1000 } }, {});
      skip(1100);
      await client.write(BYTE);
      await server.read();
      skip(29_900);
      await channelError(() => client.close(), "limit");
    }));
});

test("tls: a close that waits for a key exchange fills no memory", async () => {
  await withoutTaking(RekeyType.serverExchange, () =>
    withClock(async (skip) => {
      const [client, server] = await pair({ rekey: { milliseconds: 1000 } }, {});
      skip(1100);
      await client.write(BYTE); // begins an exchange that it does not end
      await server.read();
      await settled();
      const closing = channelError(() => server.close(), "limit");
      let sent = 0;
      await channelError(async () => {
        for (;; sent += 65_536) await client.write([new Uint8Array(65_536)]);
      });
      await closing;
      assert.ok(sent < 18 * MIB, `${sent} bytes were taken`);
    }));
});

test("tls: no key exchange is answered after a close, however long the key takes", async () => {
  let decrypt = () => {};
  const decrypted = new Promise<void>((resolve) => decrypt = resolve);
  let decryptions = 0;
  const key: KeyOperations = {
    publicKey: rsa1024,
    decrypt: async (ciphertext) => {
      if (decryptions++ > 0) await decrypted;
      return decryptPkcs1(rsa1024, ciphertext);
    },
    sign: () => Promise.reject(new Error("this key only decrypts")),
  };
  await withClock(async (skip) => {
    const [near, far] = memoryPair();
    const [client, server] = await Promise.all([
      clientHandshake(new Wire(near), {
        certificateTypes: ["raw"],
        verifyPeer: () => {},
        suites: RSA_SUITES,
        minimumKeyBits: 1024,
        rekey: { milliseconds: 1000 },
      }),
      serverHandshake(
        new Wire(far),
        offersOf({ suites: RSA_SUITES, credentials: [{ key }], minimumKeyBits: 1024 }),
      ),
    ]);
    skip(1100);
    await client.write(BYTE);
    const reading = receive(server, Infinity);
    while (decryptions < 2) await settled(); // until the exchange has begun
    const closing = server.close();
    await settled();
    decrypt();
    await Promise.all([receive(client, Infinity), closing]);
    await client.close();
    await reading;
    assert.deepEqual([client.keyExchanges, server.keyExchanges], [2, 2]);
  });
});

test("tls: nothing is delivered or written after a failure", async () => {
  const [client, server] = await pair({});
  const writing = channelError(() => client.write([new Uint8Array(MIB)]), "aborted");
  const reading = channelError(() => client.read(), "aborted");
  await settled();
  const abort = client.abort(new ChannelError("aborted", "enough"));
  await server.write(BYTE);
  await Promise.all([abort, writing, reading]);
  await channelError(() => client.read(), "aborted");
  await channelError(() => receive(server, Infinity));
});

test("tls: nothing else is accepted between a ChangeCipherSpec and its Finished", async () => {
  const { queueChangeCipherSpec } = RecordLayer.prototype;
  const cases = [["client", HandshakeType.clientHello], ["server", HandshakeType.helloRequest], [
    "server",
    RekeyType.request,
  ]] as const;
  for (const [sender, type] of cases) {
    const [client, server] = await pair({ rekey: { milliseconds: 1000 } }, {});
    let changes = 0;
    RecordLayer.prototype.queueChangeCipherSpec = function () {
      queueChangeCipherSpec.call(this);
      const { [changes++]: changing } = ["client", "server"]; // the client's is the first
      if (changing === sender) this.queue(ContentType.handshake, [frameMessage(type, new Uint8Array(0))]);
    };
    try {
      await withClock(async (skip) => {
        skip(1100);
        await client.write(BYTE);
        const [own, other] = sender === "client" ? [client, server] : [server, client];
        const told = channelError(() => receive(own, Infinity), "alert");
        const error = await channelError(() => receive(other, Infinity), "protocol");
        assert.equal(error.alert, "unexpected_message", `${sender}: ${type}`);
        await told;
      });
    } finally {
      RecordLayer.prototype.queueChangeCipherSpec = queueChangeCipherSpec;
    }
  }
});

test("tls: a wrong message in a key exchange ends the session", async () => {
  const common = { suites: RSA_SUITES, minimumKeyBits: 1024, rekey: { bytes: MIB } };
  const recording = await record(
    { ...common, certificateTypes: ["raw"], verifyPeer: () => {} },
    { ...common, credentials: [{ key: rsa1024 }] },
  );
  const message = (type: number, length: number): TlsRecord => ({
    type: ContentType.handshake,
    fragment: frameMessage(type, new Uint8Array(length)),
  });
  const request = message(RekeyType.request, 0);
  // Random bytes, and a vector as long as the key that is not a valid ciphertext.
  const offer = message(RekeyType.clientExchange, 32 + 2 + 128);
  offer.fragment.set([0, 128], 4 + 32);
  const answer = message(RekeyType.serverExchange, 32);
  const finished = message(HandshakeType.finished, 12);
  const change: TlsRecord = { type: ContentType.changeCipherSpec, fragment: Uint8Array.of(1) };
  const data: TlsRecord = { type: ContentType.applicationData, fragment: new Uint8Array(2 ** 14) };
  const half = Array<TlsRecord>(33).fill(data); // before which an exchange would come too early

  const ends = async (role: Role, records: TlsRecord[], alert: string | undefined, code = "protocol") => {
    const replay = role === "server" ? replayClient : replayServer;
    const { error } = await replay(recording, [recording.forge(role, records)]);
    assert.deepEqual([error?.alert, error?.code], [alert, code]);
  };
  await ends("server", [request], undefined, "truncated"); // it may have waited behind the server's Finished
  await ends("client", [offer], "unexpected_message", "limit");
  await ends("server", [...half, message(RekeyType.request, 1)], "decode_error");
  await ends("server", [...half, answer], "unexpected_message");
  await ends("server", [...half, finished], "unexpected_message");
  await ends("server", [...half, offer], "unexpected_message");
  await ends("server", [...half, change], "unexpected_message");
  await ends("server", [...half, request, change], "unexpected_message");
  await ends("server", [...half, request, finished], "unexpected_message");
  await ends("server", [...half, request, answer, finished], "unexpected_message");
  await ends("server", [...half, request, answer, data], undefined, "truncated");
  await ends("server", [...half, request, answer, answer], "unexpected_message");
  await ends("server", [...half, request, answer, change, finished], "bad_record_mac", "decrypt");
  await ends("client", [...half, request], "unexpected_message");
  await ends("client", [...half, message(RekeyType.clientExchange, 31)], "decode_error");
  await ends("client", [...half, message(RekeyType.clientExchange, 35)], "decode_error");
  await ends("client", [...half, change], "unexpected_message");
  await ends("client", [...half, offer, offer], "unexpected_message");
  await ends("client", [...half, offer, finished], "unexpected_message");
  await ends("client", [...half, offer, data], undefined, "truncated");
  await ends("client", [...half, offer, change, finished], "bad_record_mac", "decrypt");
});

/** Each request of workerd has its own turns. */
const SHARED_LOOP = { on: ["node", "deno", "bun", "chromium", "firefox", "webkit"] } as const;

test("tls: a handshake is not queued after all those of another address", SHARED_LOOP, async () => {
  let decryptions = 0;
  const key: KeyOperations = {
    publicKey: rsa1024,
    decrypt: (ciphertext) => {
      decryptions++;
      for (const end = performance.now() + 5; performance.now() < end;); // more than one turn of the loop has
      return Promise.resolve(decryptPkcs1(rsa1024, ciphertext));
    },
    sign: () => Promise.reject(new Error("this key only decrypts")),
  };
  const common = { suites: RSA_SUITES, minimumKeyBits: 1024 };
  const offers = offersOf({ ...common, credentials: [{ key }] });
  const enter = async (address: string) => {
    const [near, far] = memoryPair();
    await Promise.all([
      clientHandshake(new Wire(near), { ...common, certificateTypes: ["raw"], verifyPeer: () => {} }),
      serverHandshake(new Wire({ ...far, peer: { address } } as Transport), offers),
    ]);
  };
  const flood = Array.from({ length: 120 }, () => enter("192.0.2.2"));
  while (decryptions === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  const before = decryptions;
  await enter("192.0.2.1");
  const between = decryptions - before;
  assert.ok(between < 110, `${between} of 120 decryptions came first`); // on a busy machine each step takes several turns
  await Promise.all(flood);
});
