import { assert, channelError, test } from "../_kit/mod.ts";
import { readBytes } from "../_kit/exchange.ts";
import { rsa1024 } from "../_kit/keys.ts";
import {
  accept,
  type AcceptSecurity,
  CertificateError,
  ChannelError,
  connect,
  type ConnectSecurity,
  firstUse,
  memoryPinStore,
  pin,
  webPinStore,
} from "../../mod.ts";
import { acceptTls, connectTls } from "../../src/tls/mod.ts";
import { toUtf8 } from "../../src/bytes.ts";
import { memoryPair } from "../../src/transport/memory.ts";
import { x25519 } from "../../src/crypto/ec/x25519.ts";
import { generateEd25519Key } from "../../src/crypto/ec/ed25519.ts";
import { publicKeyOf } from "../../src/x509/keys/private_key.ts";
import { sign } from "../../src/x509/keys/signature.ts";
import type { SignatureScheme } from "../../src/x509/keys/signature_scheme.ts";
import { createSelfSignedCertificate, exportPublicKey, pinOf } from "../../src/x509/mod.ts";
import {
  attempt,
  bytes,
  channelPair,
  clientCertificate,
  clientKey,
  closeBoth,
  offers,
  requests,
  root,
  secret,
  serverCertificate,
  serverKey,
  serverName,
  SETTINGS,
} from "./_helpers.ts";

/** Asserts that both attempts fail, and returns both errors, the client's first. */
async function refused(
  request: ConnectSecurity,
  offer: AcceptSecurity | readonly AcceptSecurity[],
): Promise<[ChannelError, ChannelError]> {
  const [client, server] = await attempt(request, offer);
  if (server.status === "fulfilled") assert.fail("it was not refused");
  // In TLS 1.3 a client's handshake ends before the server has verified its credentials, so the client learns of a refusal
  // when it receives.
  const told = client.status === "fulfilled"
    ? await channelError(() => client.value.receive())
    : client.reason;
  for (const reason of [told, server.reason]) assert.ok(reason instanceof ChannelError, String(reason));
  return [told, server.reason];
}

async function agreed(
  request: ConnectSecurity,
  offer: AcceptSecurity | readonly AcceptSecurity[],
): Promise<Awaited<ReturnType<typeof channelPair>>> {
  const [client, server] = await channelPair(request, offer);
  const received = server.receive();
  await client.send("hello");
  assert.equal((await received)?.length, 5);
  assert.equal(client.info.setting, server.info.setting);
  assert.equal(client.info.cipherSuite, server.info.cipherSuite);
  await closeBoth(client, server);
  return [client, server];
}

test("settings: one listener offers all of them, and each client gets the one it asks for", async () => {
  for (const setting of SETTINGS) {
    const [client] = await agreed(requests[setting], Object.values(offers));
    assert.equal(client.info.setting, setting);
  }
});

test("settings: what is not offered is refused, with a clear error on both sides", async () => {
  for (const asked of SETTINGS) {
    for (const offered of SETTINGS) {
      // A client that trusts keys accepts a server that shows a certificate for a trusted key.
      if (asked === offered || (asked === "key" && offered === "certificate")) continue;
      const [client, server] = await refused(requests[asked], offers[offered]);
      if (asked === "certificate" && offered === "key") {
        assert.equal((client as CertificateError).reason, "name_mismatch");
      } else {
        assert.ok(
          client.code === "not_offered" || client.alert === "handshake_failure",
          `${asked} ${offered}`,
        );
        assert.equal(server.code, "not_offered");
      }
    }
  }
});

test("settings: info has what was agreed, and the verified identities", async () => {
  const [certificate] = await agreed(requests.certificate, offers.certificate);
  assert.deepEqual(
    [certificate.info.protocol, certificate.info.keyBits, certificate.info.authenticated],
    ["TLS 1.3", 256, true],
  );
  assert.deepEqual(
    [certificate.info.group, certificate.info.signatureScheme],
    ["X25519MLKEM768", "rsa_pss_rsae_sha256"],
  );
  assert.equal(certificate.info.peer.certificates?.[0].pin, serverCertificate.pin);
  assert.equal(certificate.info.peer.pin, serverCertificate.pin);
  const [key] = await agreed(requests.key, offers.key);
  assert.deepEqual([key.info.authenticated, key.info.peer.pin], [false, serverCertificate.pin]);
  assert.equal(key.info.peer.certificates, undefined);
  const [native, nativeServer] = await agreed(requests.native, offers.native);
  assert.deepEqual(
    [
      native.info.protocol,
      native.info.compression,
      native.info.authenticated,
      nativeServer.info.authenticated,
    ],
    ["Noise_NNpsk0_25519_ChaChaPoly_SHA256", "message", true, true],
  );
  const [off] = await agreed(requests.off, offers.off);
  assert.deepEqual([off.info.protocol, off.info.keyBits, off.info.authenticated], ["none", 0, false]);
  for (const { info } of [certificate, key, native, off]) assert.ok(info.handshake.milliseconds >= 0);
});

test("certificate: another root and another name are refused by reason, before any secret", async () => {
  const stranger = createSelfSignedCertificate(clientKey, { subject: "CN=Stranger" });
  for (
    const [request, reason, alert] of [
      [{ ...requests.certificate, roots: [stranger] }, "no_path", "unknown_ca"],
      [{ ...requests.certificate, serverName: "other.example" }, "name_mismatch", "bad_certificate"],
    ] as const
  ) {
    const [client, server] = await refused(request, offers.certificate);
    assert.ok(client instanceof CertificateError);
    assert.equal(client.reason, reason);
    assert.deepEqual([client.alert, client.direction], [alert, "sent"]);
    assert.deepEqual([server.code, server.alert, server.direction], ["alert", alert, "received"]);
  }
});

test("certificate: keys, certificates and roots may be PEM text", async () => {
  const { exportPrivateKey } = await import("../../src/x509/mod.ts");
  await agreed({ ...requests.certificate, roots: root.pem }, {
    setting: "certificate",
    key: exportPrivateKey(serverKey),
    certificates: serverCertificate.pem,
  });
});

test(
  "certificate: the system's roots do not have a CA of our own",
  { on: ["node", "deno", "bun"] },
  async () => {
    const [client] = await refused({ ...requests.certificate, roots: "system" }, offers.certificate);
    assert.ok(client instanceof CertificateError);
    assert.equal(client.reason, "no_path");
  },
);

test("ordinary peers: by the ALPN protocols that were named, or none, and by no others", async () => {
  const offer = { ...offers.certificate, ordinaryPeers: ["http/1.1", "h2"] };
  const ordinary = async (alpnProtocols: readonly string[]) => {
    const [near, far] = memoryPair();
    const options = { roots: [root], serverName, alpnProtocols };
    return await Promise.allSettled([connectTls(near, options), accept(far, { security: [offer] })]);
  };
  for (
    const [offered, chosen] of [[["h2", "http/1.1"], "http/1.1"], [["x", "h2"], "h2"], [
      [],
      undefined,
    ]] as const
  ) {
    const [client, server] = await ordinary(offered);
    assert.ok(client.status === "fulfilled" && server.status === "fulfilled");
    const { framing, alpnProtocol } = server.value.info;
    assert.deepEqual([client.value.info.alpnProtocol, alpnProtocol, framing], [chosen, chosen, "none"]);
    await server.value.send("GET");
    assert.deepEqual(await readBytes(client.value.readable, 3), toUtf8("GET"));
    await Promise.all([client.value.close(), server.value.close()]);
  }
  for (const offered of [["http/1.0"], ["fesa/2"], ["acme-tls/1"]]) {
    for (const end of await ordinary(offered)) {
      assert.ok(end.status === "rejected" && end.reason.alert === "no_application_protocol");
    }
  }
  const [own] = await agreed(requests.certificate, offer);
  assert.deepEqual([own.info.framing, own.info.alpnProtocol], ["fesa/1", "fesa/1"]);

  const [near, far] = memoryPair();
  const credentials = [{ key: serverKey, certificates: [serverCertificate] }];
  const [client, server] = await Promise.all([
    connect(near, { security: { ...requests.certificate, ordinaryPeers: ["smtp"] } }),
    acceptTls(far, { credentials, alpnProtocols: ["smtp"] }),
  ]);
  assert.deepEqual([client.info.framing, client.info.alpnProtocol], ["none", "smtp"]);
  await Promise.all([client.close(), server.close()]);
});

test("ordinary peers: one that does not know fesa/1 is refused on either side unless ordinaryPeers is set", async () => {
  const credentials = [{ key: serverKey, certificates: [serverCertificate] }];
  const [toServer, server] = memoryPair();
  const [client, toClient] = memoryPair();
  const told = async (peer: Promise<{ readonly readable: ReadableStream<Uint8Array> }>) =>
    await (await peer).readable.getReader().read(); // in TLS 1.3 one side may be told only when it reads
  const errors = await Promise.all([
    channelError(() => connect(toServer, { security: requests.certificate }), "not_offered"),
    channelError(() => told(acceptTls(server, { credentials })), "alert"),
    channelError(() => accept(toClient, { security: [offers.certificate] }), "not_offered"),
    channelError(() => told(connectTls(client, { roots: [root], serverName })), "alert"),
  ]);
  for (const { alert } of errors) assert.equal(alert, "no_application_protocol");
});

test("key: pins, several of them, and a key that is not among them", async () => {
  const other = pin("sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
  const both = pin("sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", serverCertificate.pin);
  const [client] = await agreed({ setting: "key", trust: both }, offers.key);
  assert.ok(client.info.authenticated);
  const [refusal] = await refused({ setting: "key", trust: other }, offers.key);
  assert.equal(refusal.code, "untrusted");
  assert.throws(() => pin(), TypeError);
  assert.throws(() => pin("sha256:AAAA"), TypeError);
  assert.throws(() => firstUse(undefined as never, "server"), /^TypeError: store must be a store of pins/);
  assert.throws(() => firstUse(memoryPinStore(), undefined as never), /^TypeError: name must be the name/);
});

test("key: trust on first use remembers a proved key, and refuses a changed one by showing both", async () => {
  const items = new Map<string, string>();
  const storage = {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
  };
  for (const store of [memoryPinStore(), webPinStore(storage)]) {
    const request = { setting: "key", trust: firstUse(store, "server:1") } as const;
    await agreed(request, offers.key);
    assert.equal(await store.get("server:1"), serverCertificate.pin);
    await agreed(request, offers.key);
    const [changed] = await refused(request, { setting: "key", key: clientKey });
    assert.equal(changed.code, "key_changed");
    assert.ok(changed.message.includes(serverCertificate.pin), changed.message);
    assert.ok(changed.message.includes(clientCertificate.pin), changed.message);
  }
});

test("key: a key that a server shows but cannot prove is not stored", async () => {
  const store = memoryPinStore();
  const nothing = () => Promise.reject(new Error("the private half is not here"));
  const stolen = { publicKey: serverKey, decrypt: nothing, sign: nothing };
  const [near, far] = memoryPair();
  await Promise.all([
    channelError(
      () => connect(near, { security: { setting: "key", trust: firstUse(store, "server") } }),
      "alert",
    ),
    channelError(
      () => acceptTls(far, { credentials: [{ key: stolen }], alpnProtocols: ["fesa/1"] }),
      "aborted",
    ),
  ]);
  assert.equal(await store.get("server"), undefined);
});

test("key: the holder of another key, the client's own among them, cannot pass for the server", async () => {
  const [serverKey, stolen] = [1, 2].map((seed) => generateEd25519Key(() => new Uint8Array(32).fill(seed)));
  const key = {
    publicKey: publicKeyOf(serverKey),
    sign: (scheme: SignatureScheme, message: Uint8Array) => Promise.resolve(sign(stolen, scheme, message)),
  };
  const [near, far] = memoryPair();
  const trust = pin(pinOf(exportPublicKey(key.publicKey)));
  const [refusal] = await Promise.all([
    channelError(() => connect(near, { security: { setting: "key", trust } })),
    channelError(() => acceptTls(far, { credentials: [{ key }], alpnProtocols: ["fesa/1"] })),
  ]);
  assert.equal(refusal.alert, "decrypt_error");
});

test("key: of two connections that are first at once, the slower one does not replace the pin", async () => {
  const store = memoryPinStore();
  const trust = firstUse(store, "server");
  const slow = { pin: clientCertificate.pin, spki: clientCertificate.spki };
  assert.equal(await trust.check(slow), true);
  await agreed({ setting: "key", trust }, offers.key);
  await channelError(async () => await trust.remember!(slow), "key_changed");
  assert.equal(await store.get("server"), serverCertificate.pin);
});

test("key: a store that cannot remember is an error that says why, on both sides", async () => {
  const cause = new Error("the storage is full");
  const trust = firstUse({ get: () => undefined, set: () => Promise.reject(cause) }, "host");
  const [client, server] = await attempt({ setting: "key", trust }, offers.key);
  const { reason } = client as PromiseRejectedResult;
  assert.deepEqual([reason.code, reason.cause], ["aborted", cause]);
  assert.match(reason.message, /the storage is full/);
  if (server.status === "fulfilled") await channelError(() => server.value.closed, "alert");
});

test("key: a check of your own may be slow, and may refuse", async () => {
  const ask = (answer: boolean) => ({
    check: async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return answer;
    },
  });
  await agreed({ setting: "key", trust: ask(true) }, offers.key);
  const [client] = await refused({ setting: "key", trust: ask(false) }, offers.key);
  assert.equal(client.code, "untrusted");
});

test("key and certificate: 1024 bits must be enabled explicitly on both sides", async () => {
  const weak = { setting: "key", key: rsa1024, minimumKeyBits: 1024 } as const;
  const [client] = await agreed({ ...requests.key, minimumKeyBits: 1024 }, weak);
  assert.equal(client.info.keyBits, 256);
  await refused(requests.key, weak);
  await assert.rejects(
    () => accept(memoryPair()[0], { security: [{ setting: "key", key: rsa1024 }] }),
    RangeError,
  );
});

test("3DES: the server's configuration decides, and a client refuses it unless it enables it explicitly", async () => {
  for (const setting of ["certificate", "key"] as const) {
    const offer = { ...offers[setting], keyExchange: "RSA", algorithm: "3DES" } as AcceptSecurity;
    for (const algorithm of ["3DES", "either"] as const) {
      const [client] = await agreed({ ...requests[setting], keyExchange: "either", algorithm }, offer);
      assert.deepEqual([client.info.cipherSuite, client.info.keyBits], [
        "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
        192,
      ]);
    }
    const [client, server] = await refused(requests[setting], offer);
    assert.equal(client.alert, "handshake_failure");
    assert.equal(server.code, "not_offered");
    await refused({ ...requests[setting], keyExchange: "RSA", algorithm: "3DES" }, offers[setting]);
    const either = { ...requests[setting], keyExchange: "either", algorithm: "either" } as const;
    const [forward] = await agreed(either, offers[setting]);
    assert.equal(forward.info.cipherSuite, "TLS_AES_256_GCM_SHA384");
    const [aes] = await agreed(either, { ...offers[setting], keyExchange: "RSA" } as AcceptSecurity);
    assert.equal(aes.info.cipherSuite, "TLS_RSA_WITH_AES_256_GCM_SHA384");
  }
});

test("3DES: of two settings at one listener each keeps its own algorithm", async () => {
  const both = [offers.certificate, { ...offers.key, keyExchange: "RSA", algorithm: "3DES" }] as const;
  const either = { keyExchange: "either", algorithm: "either" } as const;
  const [certificate] = await agreed({ ...requests.certificate, ...either }, both);
  const [key] = await agreed({ ...requests.key, ...either }, both);
  assert.deepEqual([certificate.info.keyBits, key.info.keyBits], [256, 192]);
  await refused({ ...requests.certificate, keyExchange: "RSA", algorithm: "3DES" }, both);
});

test("3DES: one listener has AES and 3DES in the same setting, in either order", async () => {
  const aes = { setting: "key", key: serverKey } as const;
  const tripleDes = { setting: "key", key: clientKey, keyExchange: "RSA", algorithm: "3DES" } as const;
  for (const offer of [[aes, tripleDes], [tripleDes, aes]]) {
    for (const [algorithm, keyBits] of [["AES", 256], ["3DES", 192]] as const) {
      const keyExchange = algorithm === "AES" ? "ECDHE" : "RSA";
      const [client] = await channelPair({ setting: "key", trust: "anyone", keyExchange, algorithm }, offer);
      assert.equal(client.info.keyBits, keyBits);
    }
  }
});

test("compression: used where both sides ask for it, and not otherwise", async () => {
  const text = new TextEncoder().encode("the same words again and again ".repeat(1000));
  for (const setting of ["certificate", "key"] as const) {
    for (
      const [client, server, compressed] of [["message", "message", true], ["message", "off", false], [
        "off",
        "message",
        false,
      ]] as const
    ) {
      const [near, far] = await channelPair(
        { ...requests[setting], compression: client } as ConnectSecurity,
        { ...offers[setting], compression: server } as AcceptSecurity,
      );
      const received = far.receive();
      await near.send(text);
      assert.deepEqual(await received, text);
      assert.equal(near.info.compression, compressed ? "message" : "off");
      assert.equal(near.stats.wireSent < text.length / 2, compressed);
      await closeBoth(near, far);
    }
  }
});

test("compression: send can leave a message out of it", async () => {
  const text = new TextEncoder().encode("the same words again and again ".repeat(1000));
  const [near, far] = await channelPair(requests.native, offers.native);
  const received = far.receive();
  const before = near.stats.wireSent;
  await near.send(text, { compress: false });
  assert.deepEqual(await received, text);
  assert.ok(near.stats.wireSent - before > text.length);
  await closeBoth(near, far);
});

test("native: text takes less than a third of the bytes that certificate takes without compression", async () => {
  const records = Array.from(
    { length: 5000 },
    (_, i) => ({ id: i * 7919 % 99991, name: `item ${i}`, price: i % 977 }),
  );
  const json = JSON.stringify(records);
  const rows = records.map(({ id, name, price }) =>
    `<tr><td>${id}</td><td>${name}</td><td>${price}</td></tr>`
  );
  const html = `<!doctype html><table>${rows.join("\n")}</table>`;
  for (const text of [json, html]) {
    const sent: number[] = [];
    for (const setting of ["native", "certificate"] as const) {
      const [near, far] = await channelPair(requests[setting], offers[setting]);
      const received = far.receive();
      await near.send(text);
      assert.equal(new TextDecoder().decode((await received)!), text);
      sent.push(near.stats.wireSent);
      await closeBoth(near, far);
    }
    assert.ok(3 * sent[0] < sent[1], `${sent}`);
  }
});

test("native: stream compression and a shared dictionary; another dictionary is refused", async () => {
  const dictionary = bytes(1000);
  const shared = { setting: "native", secret, compression: "stream", dictionary } as const;
  const [near, far] = await channelPair(shared, shared);
  const before = near.stats.wireSent;
  const received = far.receive();
  await near.send(dictionary);
  assert.deepEqual(await received, dictionary);
  assert.ok(near.stats.wireSent - before < 100);
  await closeBoth(near, far);
  const [client] = await refused(shared, { ...shared, dictionary: bytes(1000, 2) });
  assert.equal(client.code, "not_offered");
});

test("native: changing the dictionary's array after the call has no effect", async () => {
  const dictionary = bytes(1000);
  const request = { ...requests.native, dictionary: dictionary.slice() };
  const [near, far] = await channelPair(request, { ...offers.native, dictionary });
  request.dictionary.fill(0);
  const message = new Uint8Array(1800);
  const received = far.receive();
  await near.send(message);
  assert.deepEqual(await received, message);
  await closeBoth(near, far);
});

test("native: a pinned server key, keys of both, keys to be checked, and anyone", async () => {
  const server = x25519.generateKeyPair();
  const client = x25519.generateKeyPair();
  const cases: [ConnectSecurity, AcceptSecurity, string, boolean, boolean][] = [
    [
      { setting: "native", serverKey: server.publicKey },
      { setting: "native", keyPair: server },
      "NK",
      true,
      false,
    ],
    [
      { setting: "native", serverKey: server.publicKey, keyPair: client },
      { setting: "native", keyPair: server, clientKeys: [client.publicKey] },
      "IK",
      true,
      true,
    ],
    [
      { setting: "native", keyPair: client, trust: () => true },
      { setting: "native", keyPair: server, clientKeys: [client.publicKey] },
      "XX",
      true,
      true,
    ],
    [{ setting: "native", trust: "anyone" }, { setting: "native", trust: "anyone" }, "NN", false, false],
  ];
  for (const [request, offer, pattern, clientKnows, serverKnows] of cases) {
    const [near, far] = await agreed(request, offer);
    assert.equal(near.info.protocol, `Noise_${pattern}_25519_ChaChaPoly_SHA256`);
    assert.deepEqual([near.info.authenticated, far.info.authenticated], [clientKnows, serverKnows], pattern);
  }
  const wrong = { setting: "native", serverKey: client.publicKey } as const;
  await refused(wrong, { setting: "native", keyPair: server });
  await refused({ setting: "native", secret: bytes(32) }, offers.native);
});

test("clients: mutual pins make a small system without a CA", async () => {
  const offer = { ...offers.key, clients: { trust: pin(clientCertificate.pin) } } as const;
  const request = { setting: "key", trust: pin(serverCertificate.pin) } as const;
  const [, server] = await agreed({ ...request, credentials: { key: clientKey } }, offer);
  assert.deepEqual([server.info.authenticated, server.info.peer.pin], [true, clientCertificate.pin]);
  const [, wrong] = await refused({ ...request, credentials: { key: serverKey } }, offer);
  assert.equal(wrong.code, "untrusted");
  const [, nobody] = await refused(request, offer);
  assert.equal(nobody.code, "untrusted");
});

test("clients: a server remembers the key it saw first, and does not call anyone authenticated", async () => {
  const offer = { ...offers.key, clients: { trust: firstUse(memoryPinStore(), "the client") } } as const;
  await agreed({ ...requests.key, credentials: { key: clientKey } }, offer);
  await agreed({ ...requests.key, credentials: { key: clientKey } }, offer);
  const [, other] = await refused({ ...requests.key, credentials: { key: serverKey } }, offer);
  assert.equal(other.code, "key_changed");
  const anyone = { ...offers.key, clients: { trust: "anyone" } } as const;
  const [, server] = await agreed({ ...requests.key, credentials: { key: clientKey } }, anyone);
  assert.deepEqual([server.info.authenticated, server.info.peer.pin], [false, clientCertificate.pin]);
});

test("clients: certificates of a CA, only for clients", async () => {
  const offer = { ...offers.certificate, clients: { roots: [root] } } as const;
  const credentials = { key: clientKey, certificates: [clientCertificate] };
  const [, server] = await agreed({ ...requests.certificate, credentials }, offer);
  assert.equal(server.info.peer.certificates?.[0].subject.toString(), "CN=client.example");
  const mistaken = { key: serverKey, certificates: [serverCertificate] };
  const [, wrong] = await refused({ ...requests.certificate, credentials: mistaken }, offer);
  assert.equal((wrong as CertificateError).reason, "extended_key_usage");
});

test("key log: both sides write the same lines", async () => {
  const lines: string[] = [];
  const keyLog = (line: string) => void lines.push(line);
  await agreed({ ...requests.certificate, keyLog }, { ...offers.certificate, keyLog });
  assert.equal(new Set(lines).size, 5); // four secrets of the session, and that of exporters
  assert.equal(lines.length, 10);
  for (const line of lines) assert.match(line, /^[A-Z_0-9]+ [0-9a-f]{64} [0-9a-f]{96}$/);
});

test("settings: errors and info contain no secret", async () => {
  const text = JSON.stringify(
    [(await agreed(requests.native, offers.native))[0].info, serverName],
    (_, value) => value instanceof Uint8Array ? [...value] : value,
  );
  assert.ok(!text.includes("7,7,7,7"));
});

test("3DES: at the cap fresh keys are made in place, and nothing is lost in either direction", async () => {
  const rekey = { bytes: 2 ** 20 };
  const offer = { ...offers.key, keyExchange: "RSA", algorithm: "3DES", rekey } as const;
  const [client, server] = await channelPair(
    { ...requests.key, keyExchange: "RSA", algorithm: "3DES" },
    offer,
  );
  const count = 64;
  const sendAll = async (from: typeof client) => {
    for (let i = 0; i < count; i++) await from.send(bytes(65_536, i));
  };
  const receiveAll = async (to: typeof client) => {
    for (let i = 0; i < count; i++) assert.deepEqual((await to.receive())!, bytes(65_536, i));
  };
  await Promise.all([sendAll(client), sendAll(server), receiveAll(client), receiveAll(server)]);
  await closeBoth(client, server); // which sees through an exchange that has begun
  // Each direction sends 4 MiB with a limit of 1 MiB per key. Keys are changed when three quarters of the limit have been
  // used.
  assert.equal(client.stats.keyExchanges, server.stats.keyExchanges);
  assert.ok(client.stats.keyExchanges >= 5 && client.stats.keyExchanges <= 8, `${client.stats.keyExchanges}`);
});
