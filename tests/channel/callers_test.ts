/**
 * Arguments of callers in plain JavaScript: they are accepted as by `node:tls`, or give a TypeError that names the option.
 */

import { Buffer } from "node:buffer";
import { assert, test } from "../_kit/mod.ts";
import { rsa2048 } from "../_kit/keys.ts";
import { root, serverCertificate } from "../_kit/pki.ts";
import { accept, connect, type ConnectOptions, serve } from "../../mod.ts";
import { exportPrivateKey } from "../../src/x509/mod.ts";
import { memoryPair } from "../../src/transport/memory.ts";
import type { Transport } from "../../src/connection.ts";

const ROOT = root.certificate;
const CHAIN = serverCertificate(rsa2048);
const KEY = exportPrivateKey(rsa2048);
const secret = new Uint8Array(32).fill(1);

/** Connects over memory, and closes the channel. */
async function meet(client: unknown, server: unknown): Promise<void> {
  const [a, b] = memoryPair();
  const [one, other] = await Promise.all([
    connect(a, { security: client } as ConnectOptions),
    accept(b, { security: [server] } as never),
  ]);
  await Promise.all([one.close(), other.close()]);
}

test("callers: roots, certificates and keys as node:tls takes them", async () => {
  const bytes = (text: string) => Buffer.from(text);
  for (
    const roots of [ROOT, [ROOT], ROOT.pem, [ROOT.pem], bytes(ROOT.pem), [bytes(ROOT.pem), ROOT], ROOT.der]
  ) {
    const client = { setting: "certificate", roots, serverName: "localhost" };
    await meet(client, { setting: "certificate", certificates: CHAIN, key: KEY });
  }
  for (const certificates of [[CHAIN], CHAIN.pem, bytes(CHAIN.pem), [CHAIN.pem], CHAIN.der]) {
    const client = { setting: "certificate", roots: ROOT, serverName: "localhost" };
    await meet(client, { setting: "certificate", certificates, key: bytes(KEY) });
  }
});

test("callers: a wrong option is a TypeError that names it, at the call", async () => {
  const certificate = { setting: "certificate", roots: ROOT, serverName: "localhost" };
  const native = { setting: "native" };
  const clients: [unknown, RegExp][] = [
    [undefined, /^security must be an object, not undefined/],
    [[native], /^security must be an object, not a list/],
    [{ setting: "tls" }, /security\.setting must be/],
    [{ ...certificate, roots: undefined }, /roots/],
    [{ ...certificate, roots: 1 }, /^roots must be certificates: .*, not a number/],
    [{ ...certificate, roots: [{}] }, /^roots must be certificates: .*, not an object/],
    [{ ...certificate, serverName: undefined }, /serverName/],
    [{ ...certificate, serverName: "https://a.example" }, /^serverName: .*: use "a\.example"/],
    [{ ...certificate, serverName: "a.example:443" }, /^serverName: .*: use "a\.example"/],
    [{ ...certificate, serverName: "b\u00fccher.example" }, /use "xn--bcher-kva\.example"/],
    [{ ...certificate, crls: [1] }, /^crls must be revocation lists/],
    [{ ...certificate, revocation: "yes" }, /^revocation must be off, soft or hard/],
    [{ ...certificate, ordinaryPeers: 1 }, /^ordinaryPeers must be true, false or a list .*, not a number/],
    [{ ...certificate, ordinaryPeers: [] }, /^ordinaryPeers is an empty list/],
    [{ ...certificate, ordinaryPeers: ["http/1.1", ""] }, /^ordinaryPeers: .*is not an ALPN protocol/],
    [{ ...certificate, ordinaryPeers: ["fesa/1"] }, /^ordinaryPeers: fesa\/1 is not an ALPN protocol/],
    [{ ...certificate, ordinaryPeers: ["acme-tls/1"] }, /^ordinaryPeers: acme-tls\/1 is not an ALPN/],
    [{ ...certificate, keyLog: "file" }, /^keyLog must be a function, not a string/],
    [{ ...certificate, minimumKeyBits: "1024" }, /^minimumKeyBits must be a number, not a string/],
    [{ ...certificate, credentials: { key: undefined } }, /^key must be a private key: .*, not undefined/],
    [{ setting: "key" }, /^trust must be pin\(…\), .*, not undefined/],
    [{ setting: "key", trust: CHAIN.pin }, /^trust must be .*, not a string: pin\(…\)/],
    [{ ...native, secret: undefined }, /^secret must be a Uint8Array of 32 bytes, not undefined/],
    [{ ...native, secret: "x" }, /^secret must be .*, not a string: decode its hexadecimal, .* deriveSecret/],
    [{ ...native, serverKey: "x" }, /^serverKey must be a Uint8Array of 32 bytes/],
    [{ ...native, serverKey: secret, keyPair: { secretKey: secret } }, /^keyPair\.publicKey must be/],
    [{ ...native, secret, compression: "gzip" }, /^compression must be/],
    [{ ...certificate, revokation: "hard" }, /^security has the unknown option revokation/],
    [{ ...certificate, credentials: { key: KEY, cert: CHAIN } }, /^credentials has the unknown option cert/],
    [{ setting: "key", trust: "anyone", toString: 1 }, /^security has the unknown option toString/],
    [{ ...native, secret, clientKeys: [] }, /^security has the unknown option clientKeys/],
    [{ setting: "off", key: KEY }, /^security has the unknown option key/],
  ];
  for (const [security, message] of clients) {
    const [a, b] = memoryPair();
    const sent = b.readable.getReader().read().then(({ value }) => value?.length ?? 0, () => 0);
    await assert.rejects(connect(a, { security } as ConnectOptions), (error: Error) => {
      assert.equal(error.name, "TypeError", error.message);
      assert.match(error.message, message);
      return true;
    });
    const nothing = new Promise((resolve) => setTimeout(() => resolve(0), 5));
    assert.equal(await Promise.race([sent, nothing]), 0, "nothing is sent");
  }
  const servers: [unknown, RegExp][] = [
    [undefined, /^security must be a list of the offered settings, not undefined/],
    [{ setting: "off" }, /^security must be a list of the offered settings, not an object/],
    [[undefined], /^security\[…\] must be an object/],
    [[{ setting: "certificate", key: KEY }], /needs certificates/],
    [[{ setting: "certificate", key: undefined, certificates: CHAIN }], /^key must be a private key/],
    [[{ setting: "key", key: "key.pem" }], /^key contains no private key: it must be a file's contents/],
    [[{ setting: "key", key: {} }], /^key must be a private key: an object, .*, not an object/],
    [[{ setting: "key", key: { type: "private" } }], /^key is not a key of this library: parsePrivateKey/],
    [
      [{ setting: "certificate", key: KEY, certificates: "a.pem" }],
      /^certificates contains no .*not its name/,
    ],
    [
      [{ setting: "certificate", key: KEY, certificates: [CHAIN, new Uint8Array()] }],
      /^certificates contains no certificate$/,
    ],
    [[{ setting: "certificate", key: KEY, certificates: CHAIN, ocspResponse: "x" }], /^ocspResponse must be/],
    [[{ setting: "key", key: KEY, clients: {} }], /^clients must have either roots or trust/],
    [[{ setting: "key", key: KEY, clients: { trust: "x" } }], /^trust must be/],
    [[{ setting: "key", key: KEY, client: { roots: ROOT } }], /^security\[…\] has the unknown option client/],
    [
      [{ setting: "key", key: KEY, clients: { roots: ROOT, crl: [] } }],
      /^clients has the unknown option crl/,
    ],
    [[{ setting: "off", algorithm: "AES" }], /^security\[…\] has the unknown option algorithm/],
    [[{ ...native, secret, clients: {} }], /^security\[…\] has the unknown option clients/],
    [[{ ...native, secret: "x" }], /^secret must be/],
    [
      [{ ...native, keyPair: { publicKey: secret, secretKey: secret }, clientKeys: "x" }],
      /^clientKeys must be/,
    ],
  ];
  for (const [security, message] of servers) {
    const wrong = (error: Error) => error.name === "TypeError" && message.test(error.message);
    await assert.rejects(accept(memoryPair()[0], { security } as never), wrong, String(message));
    if (security !== undefined) {
      assert.throws(() => serve(nobody(), { security } as never, () => {}), wrong, String(message));
    }
  }
  await assert.rejects(connect(memoryPair()[0], undefined as never), /^TypeError: options must be an object/);
  const off = { security: { setting: "off" } } as const;
  await assert.rejects(
    connect(memoryPair()[0], { ...off, signal: 1 as never }),
    /^TypeError: signal must be an AbortSignal/,
  );
});

test("callers: the error for a value that is not a transport says which function makes one", async () => {
  const { port1 } = new MessageChannel();
  const wrong: [unknown, RegExp][] = [
    ["127.0.0.1:1", /not a string: dial and dialWebSocket of/],
    [undefined, /not undefined/],
    [Promise.resolve(), /await it/],
    [port1, /messagePortTransport/],
    [{ pipe() {}, on() {} }, /fromDuplex of @fesa\/channel\/node/],
    [{ binaryType: "", send() {} }, /webSocketTransport/],
    [{ host: "a", port: 1 }, /dial of @fesa\/channel\/node/],
  ];
  for (const [transport, message] of wrong) {
    const connecting = connect(transport as Transport, { security: { setting: "off" } });
    await assert.rejects(
      connecting,
      (error: Error) => error.name === "TypeError" && message.test(error.message),
    );
  }
  port1.close();
});

test("callers: chunks of a transport are any BufferSource, messages a Uint8Array of any realm", async () => {
  const [a, b] = memoryPair();
  const buffers = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => controller.enqueue(chunk.slice().buffer as unknown as Uint8Array),
  });
  const client = { readable: a.readable.pipeThrough(buffers), writable: a.writable };
  const security = { setting: "off" } as const;
  const [one, other] = await Promise.all([
    connect(client, { security }),
    accept(b, { security: [security] }),
  ]);
  await other.send("hello");
  assert.equal((await one.receive())!.length, 5);
  for (const bad of [123, {}, null, undefined, [1], new Uint16Array(1)]) {
    await assert.rejects(one.send(bad as never), /^TypeError: a message must be a Uint8Array or a string/);
  }
  await Promise.all([one.close(), other.close()]);
  const [c, d] = memoryPair();
  const text = new TransformStream({ transform: (_, controller) => controller.enqueue("text") });
  const wrong = { readable: c.readable.pipeThrough(text), writable: c.writable };
  accept(d, { security: [security] }).catch(() => {});
  await assert.rejects(connect(wrong, { security }), /a chunk of the transport must be bytes, not a string/);
});

test("callers: an error of a handler is printed by console.error if there is no onError", async () => {
  const [a, b] = memoryPair();
  const { error } = console;
  const told: unknown[][] = [];
  console.error = (...words) => told.push(words);
  try {
    const security = { setting: "off" } as const;
    const server = serve(nobody(b), { security: [security] }, () => {
      throw new Error("a mistake of the handler's");
    });
    const client = connect(a, { security }).then((channel) => channel.receive());
    await client.catch(() => {}); // it hears of the abort in one or the other
    await server.close();
  } finally {
    console.error = error;
  }
  assert.equal(told.length, 1);
  assert.match(String(told[0][1]), /a mistake of the handler's/);
});

/** A listener that yields these transports. */
function nobody(...transports: Transport[]) {
  return {
    async *[Symbol.asyncIterator]() {
      yield* transports;
      await new Promise(() => {});
    },
    close: () => {},
  };
}

/** Calls that must not type-check. */
export function wrongTypes(): void {
  // @ts-expect-error a secret and a server's key exclude each other
  const _both: ConnectOptions["security"] = { setting: "native", secret, serverKey: secret };
}
