import { toHex } from "../../src/bytes.ts";
import { ChannelError } from "../../src/errors.ts";
import {
  acceptTls,
  type AcceptTlsOptions,
  connectTls,
  type ConnectTlsOptions,
  verifyWithRoots,
} from "../../src/tls/mod.ts";
import type { Credentials, HandshakeStep, KeyOperations, TlsConnection } from "../../src/tls/mod.ts";
import { decryptPkcs1 } from "../../src/crypto/rsa/mod.ts";
import { memoryPair } from "../../src/transport/memory.ts";
import type { Transport } from "../../src/connection.ts";
import { sign } from "../../src/x509/keys/signature.ts";
import { pinOf } from "../../src/x509/certificate/certificate.ts";
import { readBytes, sendBytes } from "../_kit/exchange.ts";
import { rsa1024, rsa2048 } from "../_kit/keys.ts";
import { assert, channelError, test } from "../_kit/mod.ts";
import { clientCertificate, root, serverCertificate } from "../_kit/pki.ts";
import { RSA_SUITES } from "../_kit/suites.ts";

const server: Credentials = { key: rsa2048, certificates: [serverCertificate(rsa2048)] };
const trusting: ConnectTlsOptions = { roots: [root.certificate], serverName: "localhost" };

async function pair(
  clientOptions: ConnectTlsOptions = trusting,
  serverOptions: Partial<AcceptTlsOptions> = {},
  [near, far]: readonly Transport[] = memoryPair(),
): Promise<{ client: TlsConnection; server: TlsConnection }> {
  const [client, accepted] = await Promise.all([
    connectTls(near, clientOptions),
    acceptTls(far, { credentials: [server], ...serverOptions }),
  ]);
  return { client, server: accepted };
}

async function end(...connections: TlsConnection[]): Promise<void> {
  await Promise.all(connections.map((connection) => connection.close()));
  await Promise.all(connections.map(({ closed }) => closed));
}

test("tls: info, key log, trace and exporter agree on both sides", async () => {
  const steps: HandshakeStep[] = [];
  const lines: string[] = [];
  const { client, server } = await pair(
    {
      ...trusting,
      suites: RSA_SUITES,
      alpnProtocols: ["x", "fesa/1"],
      trace: (step) => steps.push(step),
      keyLog: (l) => lines.push(l),
    },
    { suites: RSA_SUITES, alpnProtocols: ["fesa/1", "x"], keyLog: (line) => lines.push(line) },
  );
  for (const { info } of [client, server]) {
    assert.equal(info.protocol, "TLS 1.2");
    assert.equal(info.suite, "TLS_RSA_WITH_AES_256_GCM_SHA384");
    assert.equal(info.keyBits, 256);
    assert.equal(info.alpnProtocol, "fesa/1");
    assert.equal(info.serverName, "localhost");
    assert.ok(info.extendedMasterSecret && !info.encryptThenMac);
  }
  assert.equal(client.info.peer?.type, "x509");
  assert.equal(server.info.peer, undefined);
  assert.equal(client.info.handshake.sent, server.info.handshake.received);
  assert.equal(server.info.handshake.sent, client.info.handshake.received);
  assert.deepEqual(steps.map(({ direction, message }) => `${direction} ${message}`), [
    "sent ClientHello",
    "received ServerHello",
    "received Certificate",
    "received ServerHelloDone",
    "sent ClientKeyExchange",
    "sent ChangeCipherSpec",
    "sent Finished",
    "received ChangeCipherSpec",
    "received Finished",
  ]);
  assert.match(lines[0], /^CLIENT_RANDOM [0-9a-f]{64} [0-9a-f]{96}$/);
  assert.equal(lines[0], lines[1]);
  const exported = client.exportKeyingMaterial("EXPERIMENTAL fesa", 40);
  assert.equal(toHex(exported), toHex(server.exportKeyingMaterial("EXPERIMENTAL fesa", 40)));
  const others = [
    client.exportKeyingMaterial("EXPERIMENTAL other", 40),
    client.exportKeyingMaterial("EXPERIMENTAL fesa", 40, new Uint8Array(0)),
    client.exportKeyingMaterial("EXPERIMENTAL fesa", 40, new Uint8Array(1)),
  ];
  assert.equal(new Set([exported, ...others].map(toHex)).size, 4);
  assert.throws(() => client.exportKeyingMaterial("EXPERIMENTAL", 0), RangeError);
  await end(client, server);
});

test("tls: record_size_limit bounds the records of either direction", async () => {
  const { client, server } = await pair({ ...trusting, recordSizeLimit: 64 }, { recordSizeLimit: 1000 });
  for (const [from, to, least] of [[client, server, 1000], [server, client, 64]] as const) {
    const sending = sendBytes(from, new Uint8Array(10_000));
    assert.equal((await readBytes(to.readable, 10_000)).length, 10_000, `${least}`);
    await sending;
  }
  await end(client, server);
});

test("tls: one direction may end before the other", async () => {
  const { client, server } = await pair();
  await client.writable.close();
  assert.equal((await readBytes(server.readable, 1)).length, 0);
  const sending = sendBytes(server, new Uint8Array(100_000)).then(() => server.writable.close());
  const received = await readBytes(client.readable, 200_000);
  await sending;
  assert.equal(received.length, 100_000);
  await Promise.all([client.closed, server.closed]);
});

test("tls: reading is canceled while the peer goes on, and what it still sends is dropped", async () => {
  const { client, server } = await pair();
  await client.readable.cancel();
  await sendBytes(server, new Uint8Array(100_000));
  await end(client, server);
});

test("tls: a session that was ended by an error repeats it", async () => {
  const { client, server } = await pair();
  await client.writable.abort("enough");
  const reason = await channelError(() => client.closed, "aborted");
  assert.equal(reason.cause, "enough");
  const error = await channelError(() => readBytes(server.readable, 1), "alert");
  assert.equal(error, await channelError(() => server.closed));
  assert.equal(error, await channelError(() => sendBytes(server, new Uint8Array(1))));
});

test("tls: a silent peer, an abort signal and a lost transport end the handshake", async () => {
  for (
    const handshake of [
      () => connectTls(memoryPair()[0], { ...trusting, handshakeTimeout: 50 }),
      () => acceptTls(memoryPair()[0], { credentials: [server], handshakeTimeout: 50 }),
    ]
  ) {
    assert.match((await channelError(handshake, "timeout")).message, /more than 50 ms/);
  }
  const signal = AbortSignal.abort(new Error("no more"));
  await channelError(() => connectTls(memoryPair()[0], { ...trusting, signal }), "aborted");
  const later = new AbortController();
  setTimeout(() => later.abort(), 20);
  await channelError(
    () => acceptTls(memoryPair()[0], { credentials: [server], signal: later.signal }),
    "aborted",
  );
  const [near, far] = memoryPair();
  await far.writable.close();
  await channelError(() => connectTls(near, trusting), "truncated");
  await assert.rejects(connectTls(memoryPair()[0], {}), TypeError);
});

test("tls: a server is refused for its certificate, with the alert that says why", async () => {
  const refusals: [ConnectTlsOptions, string, string][] = [
    [{ ...trusting, roots: [] }, "no_path", "unknown_ca"],
    [{ ...trusting, serverName: "other.example" }, "name_mismatch", "bad_certificate"],
    [{ ...trusting, now: new Date("2099-01-01") }, "expired", "certificate_expired"],
    [{ ...trusting, now: new Date("1999-01-01") }, "not_yet_valid", "certificate_expired"],
  ];
  for (const [options, reason, alert] of refusals) {
    const [near, far] = memoryPair();
    const [refused, told] = await Promise.all([
      channelError(() => connectTls(near, options), "certificate"),
      channelError(() => acceptTls(far, { credentials: [server] }), "alert"),
    ]);
    assert.deepEqual([Reflect.get(refused, "reason"), refused.alert, told.alert], [reason, alert, alert]);
  }
  const [near, far] = memoryPair();
  const steps: string[] = [];
  const [refused] = await Promise.all([
    channelError(() => connectTls(near, { certificateTypes: ["raw"], verifyPeer: () => {} }), "alert"),
    channelError(() =>
      acceptTls(far, { credentials: [server], trace: ({ message }) => steps.push(message) })
    ),
  ]);
  assert.equal(refused.alert ?? "", "unsupported_certificate");
  assert.ok(!steps.includes("ClientKeyExchange"), "nothing secret is sent");
});

test("tls: credentials are chosen by name and by certificate type", async () => {
  const weak: Credentials = { key: rsa1024, certificates: [serverCertificate(rsa1024)] };
  const raw: Credentials = { key: rsa2048 };
  const credentials = [raw, weak];
  const options = { credentials, minimumKeyBits: 1024 };
  let peer = "";
  const verifyPeer: ConnectTlsOptions["verifyPeer"] = (shown) => void (peer = shown.type);
  for (const certificateTypes of [["raw", "x509"], ["x509", "raw"], ["x509"], ["raw"]] as const) {
    const { client, server } = await pair({ verifyPeer, certificateTypes, minimumKeyBits: 1024 }, options);
    assert.equal(peer, certificateTypes[0]);
    await end(client, server);
  }
});

test("tls: if no name fits, a server prefers a certificate that is not only for a raw key", async () => {
  const bare: Credentials = { key: rsa1024, certificates: [serverCertificate(rsa1024)], rawKey: true };
  for (const serverName of [undefined, "other.example"]) {
    let shown: Uint8Array | undefined;
    const verifyPeer: ConnectTlsOptions["verifyPeer"] = (peer) =>
      void (shown = peer.type === "x509" ? peer.chain[0].der : undefined);
    const both = await pair({ verifyPeer, serverName }, {
      credentials: [bare, server],
      minimumKeyBits: 1024,
    });
    assert.deepEqual(shown, server.certificates?.[0].der);
    await end(both.client, both.server);
  }
});

test("tls: options that credentials leave undefined are the server's", async () => {
  const clientAuthentication = { verifyPeer: () => {}, certificateTypes: ["raw"] } as const;
  const credentials = [{ ...server, clientAuthentication: undefined, suites: undefined }];
  const both = await pair({ ...trusting, credentials: { key: rsa2048 } }, {
    credentials,
    clientAuthentication,
  });
  assert.equal(both.server.info.peer?.type, "raw");
  await end(both.client, both.server);
});

test("tls: an end without close_notify is a truncation after a half-close too, unless the data are dropped", async () => {
  for (const dropped of [false, true]) {
    const [near, far] = memoryPair();
    const source = near.readable.getReader();
    let cut = false;
    const readable = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const { value, done } = await source.read();
        if (done || cut) controller.close();
        else controller.enqueue(value);
      },
    }, { highWaterMark: 0 });
    const [client, accepted] = await Promise.all([
      connectTls({ readable, writable: near.writable }, trusting),
      acceptTls(far, { credentials: [server] }),
    ]);
    await client.writable.close();
    await sendBytes(accepted, new Uint8Array(10));
    await readBytes(client.readable, 10);
    cut = true;
    await sendBytes(accepted, new Uint8Array(10));
    if (dropped) {
      const pending = client.readable.getReader().read().catch(() => {}); // which does not matter to `closed`
      await client.close();
      await client.closed;
      await pending;
    } else {
      const error = await channelError(() => readBytes(client.readable, 10), "truncated");
      assert.equal(await channelError(() => client.closed), error);
      assert.equal(await channelError(() => client.close()), error);
      void client.close(); // is no unhandled rejection
    }
  }
});

test("tls: close waits for a write in progress, as long as the peer accepts some of it", async () => {
  const one = await pair();
  const size = 2 ** 20;
  const writing = one.client.writable.getWriter().write(new Uint8Array(size));
  const closing = one.client.close();
  assert.equal((await readBytes(one.server.readable, 2 * size)).length, size);
  await Promise.all([writing, closing, one.server.close()]);
  await one.client.closed;

  const two = await pair();
  const stuck = two.client.writable.getWriter().write(new Uint8Array(size));
  const told = [channelError(() => stuck, "timeout"), channelError(() => two.client.closed, "timeout")];
  await channelError(() => two.client.close(), "timeout");
  await Promise.all(told);
});

test("tls: aborting the writable does not wait for a write in progress", async () => {
  const { client, server } = await pair();
  const writer = client.writable.getWriter();
  const stuck = channelError(() => writer.write(new Uint8Array(2 ** 20)), "aborted");
  await new Promise((resolve) => setTimeout(resolve, 20));
  const aborting = writer.abort(new Error("enough"));
  await channelError(() => client.closed, "aborted");
  await Promise.all([stuck, aborting]);
  await channelError(() => server.close());
});

test("tls: when an abort resolves, the alert has been sent", async () => {
  const [near, far] = memoryPair();
  const writer = near.writable.getWriter();
  const types: number[] = [];
  const writable = new WritableStream<Uint8Array>({
    async write(chunk) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      await writer.write(chunk);
      types.push(chunk[0]);
    },
  });
  const { client, server } = await pair({ ...trusting, suites: RSA_SUITES }, { suites: RSA_SUITES }, [
    { readable: near.readable, writable },
    far,
  ]);
  await client.writable.abort(new Error("enough"));
  assert.equal(types.at(-1), 21);
  await channelError(() => server.readable.getReader().read(), "alert");
});

test("tls: a transport that fails with closed fails the session like any other", async () => {
  const [near, far] = memoryPair();
  const writer = near.writable.getWriter();
  const gone = new ChannelError("closed", "the tunnel is closed");
  let open = true;
  const writable = new WritableStream<Uint8Array>({
    write: (chunk) => open ? writer.write(chunk) : Promise.reject(gone),
  });
  const { client } = await pair(undefined, undefined, [{ readable: near.readable, writable }, far]);
  open = false;
  await channelError(() => client.writable.getWriter().write(new Uint8Array(1)), "closed");
  await channelError(() => client.closed, "closed");
});

test("tls: the peer's alert is the error, also if the failure shows at a write", async () => {
  for (const suites of [undefined, RSA_SUITES]) {
    const { near, far, fail } = failingPair();
    const { client, server } = await pair({ ...trusting, suites }, { suites }, [near, far]);
    const closed = channelError(() => server.closed);
    await server.writable.abort();
    await closed;
    fail();
    const error = await channelError(() => sendBytes(client, new Uint8Array(10)));
    assert.deepEqual([error.code, error.alert], ["alert", "internal_error"]);
  }
  const { near, far, fail } = failingPair();
  fail();
  await channelError(() => connectTls(near, trusting), "transport");
  await far.writable.abort().catch(() => {}); // it may have failed already
});

/** Two transports. The first can be made to accept no more data, while received data can still be read. */
function failingPair(): { near: Transport; far: Transport; fail: () => void } {
  const [near, far] = memoryPair();
  const writer = near.writable.getWriter();
  let isFailing = false;
  const writable = new WritableStream<Uint8Array>({
    write: (chunk) => isFailing ? Promise.reject(new Error("broken pipe")) : writer.write(chunk),
    close: () => writer.close(),
    abort: (reason) => writer.abort(reason),
  });
  return { near: { readable: near.readable, writable }, far, fail: () => void (isFailing = true) };
}

test("tls: writes that wait after a close are refused, and the session still ends in order", async () => {
  const { client, server } = await pair();
  const writer = client.writable.getWriter();
  const writes = Promise.allSettled([1, 2, 3].map(() => writer.write(new Uint8Array(1000))));
  const received = readBytes(server.readable, 5000);
  const answered = received.then(() => server.close());
  await client.close();
  await client.closed;
  assert.equal((await received).length, 1000);
  assert.deepEqual((await writes).map(({ status }) => status), ["fulfilled", "rejected", "rejected"]);
  await answered;
});

test("tls: the client authenticates with a certificate or a raw key, or not at all", async () => {
  const certified: Credentials = { key: rsa1024, certificates: [clientCertificate(rsa1024)] };
  const certificates = verifyWithRoots([root.certificate], { usage: "client", minimumRsaBits: 1024 });
  const minimumKeyBits = 1024;
  let seen = "";
  const pins: ConnectTlsOptions["verifyPeer"] = (peer) =>
    void (seen = pinOf(peer.type === "raw" ? peer.spki : peer.chain[0].spki));
  const pin = clientCertificate(rsa1024).pin;
  const tries: [Credentials | undefined, AcceptTlsOptions["clientAuthentication"], string | undefined][] = [
    [certified, { verifyPeer: certificates }, "x509"],
    [{ key: rsa1024 }, { verifyPeer: pins, certificateTypes: ["raw"] }, "raw"],
    [{ ...certified, rawKey: true }, { verifyPeer: pins, certificateTypes: ["raw", "x509"] }, "raw"],
    [{ key: operations() }, { verifyPeer: pins, certificateTypes: ["raw"] }, "raw"],
    [undefined, { verifyPeer: certificates, required: false }, undefined],
    [{ key: rsa1024 }, { verifyPeer: certificates, required: false }, undefined],
  ];
  for (const [credentials, clientAuthentication, type] of tries) {
    const { client, server } = await pair(
      { ...trusting, credentials, minimumKeyBits },
      { clientAuthentication, minimumKeyBits },
    );
    assert.equal(server.info.peer?.type, type);
    await end(client, server);
  }
  assert.equal(seen, pin);
});

test("tls: a client whose certificate or key is not trusted, or too short, is refused", async () => {
  const certificates = verifyWithRoots([root.certificate], { usage: "client" });
  const weak: Credentials = { key: rsa1024, certificates: [clientCertificate(rsa1024)] };
  const servers: Credentials = { key: rsa2048, certificates: [serverCertificate(rsa2048)] };
  const tries: [Credentials, number, string][] = [
    [weak, 2048, "insufficient_security"],
    [weak, 1024, "unsupported_certificate"],
    [servers, 2048, "unsupported_certificate"], // not for clients
  ];
  for (const [credentials, minimumKeyBits, alert] of tries) {
    const [near, far] = memoryPair();
    const [told, refused] = await Promise.all([
      channelError(async () => {
        const client = await connectTls(near, { ...trusting, credentials, minimumKeyBits: 1024 });
        await client.readable.getReader().read(); // in TLS 1.3 the client's handshake ends before the server has read its Certificate
      }, "alert"),
      channelError(() =>
        acceptTls(far, {
          credentials: [server],
          minimumKeyBits,
          clientAuthentication: { verifyPeer: certificates },
        })
      ),
    ]);
    assert.deepEqual([told.alert, refused.alert], [alert, alert]);
  }
});

/** The operations of a 1024-bit key that is stored elsewhere. */
function operations(): KeyOperations {
  return {
    publicKey: rsa1024,
    decrypt: (ciphertext) => Promise.resolve(decryptPkcs1(rsa1024, ciphertext)),
    sign: (scheme, message) => Promise.resolve(sign(rsa1024, scheme, message)),
  };
}

test("tls: the server's key may be stored elsewhere", async () => {
  const { client, server } = await pair(
    { certificateTypes: ["raw"], verifyPeer: () => {}, minimumKeyBits: 1024 },
    { credentials: [{ key: operations() }], minimumKeyBits: 1024 },
  );
  await end(client, server);
});
