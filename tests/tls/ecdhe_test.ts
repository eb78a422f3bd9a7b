/** TLS 1.2 with ECDHE (RFC 8422, 5289, 7905). */
import { concat } from "../../src/bytes.ts";
import type { CertificateError } from "../../src/errors.ts";
import { generateEcKey } from "../../src/crypto/ec/keys.ts";
import { generateEd25519Key } from "../../src/crypto/ec/ed25519.ts";
import { ecdheEcdsa, ecdheRsa } from "../../src/tls/key_exchange/ecdhe.ts";
import { tlsOperations } from "../../src/platform/tls_operations.ts";
import { rsaKeyExchange } from "../../src/tls/key_exchange/rsa.ts";
import { namedGroups } from "../../src/tls/key_exchange/groups.ts";
import {
  acceptTls,
  type AcceptTlsOptions,
  type CipherSuiteName,
  connectTls,
  type ConnectTlsOptions,
  type Credentials,
  type TlsConnection,
} from "../../src/tls/mod.ts";
import { memoryPair } from "../../src/transport/memory.ts";
import { keyUsage } from "../../src/x509/issuing/encode.ts";
import type { KeyUsage, PrivateKey } from "../../src/x509/mod.ts";
import { readBytes, sendBytes } from "../_kit/exchange.ts";
import { rsa1024, rsa2048, rsa3072 } from "../_kit/keys.ts";
import { assert, channelError, test } from "../_kit/mod.ts";
import { clientCertificate, root, serverCertificate } from "../_kit/pki.ts";
import { fixedRandom } from "../_kit/replay.ts";
import { makeServer } from "../x509/_make.ts";

const keys = {
  p256: generateEcKey("P-256", fixedRandom(41)),
  p384: generateEcKey("P-384", fixedRandom(42)),
  p521: generateEcKey("P-521", fixedRandom(43)),
  ed25519: generateEd25519Key(fixedRandom(44)),
};
const credentialsOf = (key: PrivateKey): Credentials => ({ key, certificates: [serverCertificate(key)] });
const trusting = { roots: [root.certificate], serverName: "localhost" } as const;

const ECDSA: readonly CipherSuiteName[] = [
  "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
];
const RSA: readonly CipherSuiteName[] = [
  "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
];

async function pair(
  clientOptions: Partial<ConnectTlsOptions>,
  serverOptions: AcceptTlsOptions,
): Promise<[TlsConnection, TlsConnection]> {
  const [near, far] = memoryPair();
  return await Promise.all([
    connectTls(near, { ...trusting, suites: [...ECDSA, ...RSA], ...clientOptions }),
    acceptTls(far, { suites: [...ECDSA, ...RSA], ...serverOptions }),
  ]);
}

async function talk([client, server]: [TlsConnection, TlsConnection]): Promise<void> {
  await Promise.all([sendBytes(client, Uint8Array.of(1, 2, 3)), sendBytes(server, Uint8Array.of(4, 5))]);
  assert.deepEqual(await readBytes(server.readable, 3), Uint8Array.of(1, 2, 3));
  assert.deepEqual(await readBytes(client.readable, 2), Uint8Array.of(4, 5));
  await Promise.all([client.close(), server.close()]);
}

test("ecdhe: every key signs by its scheme, with every suite", async () => {
  const tries: [PrivateKey, readonly CipherSuiteName[], string][] = [
    [keys.p256, ECDSA, "ecdsa_secp256r1_sha256"],
    [keys.p384, [ECDSA[0]], "ecdsa_secp256r1_sha256"], // in TLS 1.2 the hash is not bound to the curve
    [keys.p521, [ECDSA[0]], "ecdsa_secp256r1_sha256"],
    [keys.ed25519, [ECDSA[0]], "ed25519"],
    [rsa2048, RSA, "rsa_pss_rsae_sha256"],
  ];
  for (const [key, suites, signatureScheme] of tries) {
    for (const suite of suites) {
      const connections = await pair({ suites: [suite] }, { credentials: [credentialsOf(key)] });
      for (const { info } of connections) {
        assert.equal(info.protocol, "TLS 1.2");
        assert.equal(info.suite, suite);
        assert.equal(info.group, "x25519");
        assert.equal(info.signatureScheme, signatureScheme);
      }
      await talk(connections);
    }
  }
});

test("ecdhe: a raw key of each kind, and clients that prove theirs", async () => {
  for (const key of [keys.p256, keys.p384, keys.p521, keys.ed25519, rsa2048]) {
    const shown: string[] = [];
    const verifyPeer: ConnectTlsOptions["verifyPeer"] = (peer) => void shown.push(peer.type);
    await talk(
      await pair(
        { roots: undefined, verifyPeer, certificateTypes: ["raw"], credentials: { key } },
        { credentials: [{ key }], clientAuthentication: { verifyPeer, certificateTypes: ["raw"] } },
      ),
    );
    await talk(
      await pair(
        { credentials: { key, certificates: [clientCertificate(key)] } },
        { credentials: [credentialsOf(key)], clientAuthentication: { verifyPeer } },
      ),
    );
    assert.deepEqual(shown, ["raw", "raw", "x509"]);
  }
});

test("ecdhe: a server's credentials are chosen by what the client supports", async () => {
  const credentials = [credentialsOf(keys.p256), credentialsOf(rsa2048)];
  const [byEcdsa] = await pair({}, { credentials });
  assert.equal(byEcdsa.info.suite, ECDSA[0]);
  const [byRsa] = await pair({ suites: RSA }, { credentials });
  assert.equal(byRsa.info.suite, RSA[0]);
});

test("ecdhe: keyUsage counts where credentials are chosen, and where they are verified", async () => {
  const certify = (usage: string): Credentials => {
    const fields = {
      issuer: "CN=Test Root",
      key: rsa2048,
      signer: rsa3072,
      notAfter: "2099-01-01T00:00:00Z",
    };
    const extensions = [keyUsage([usage as KeyUsage])];
    return { key: rsa2048, certificates: [makeServer({ ...fields, extensions })] };
  };
  const encrypting = certify("keyEncipherment");
  const signing = certify("digitalSignature");
  const suites: CipherSuiteName[] = ["TLS_RSA_WITH_AES_256_GCM_SHA384"];
  await assert.rejects(() => acceptTls(memoryPair()[0], { credentials: [encrypting] }), TypeError);
  await assert.rejects(() => acceptTls(memoryPair()[0], { credentials: [signing], suites }), TypeError);
  for (const [exchange, { certificates }] of [[ecdheRsa, encrypting], [rsaKeyExchange, signing]] as const) {
    const server = {
      type: "x509",
      chain: certificates!,
      serverName: undefined,
      ocspResponse: undefined,
    } as const;
    const context = {
      clientVersion: 0x0303,
      randoms: { client: new Uint8Array(32), server: new Uint8Array(32) },
    };
    const error = await channelError(() =>
      exchange.client({
        ...context,
        groups: namedGroups(tlsOperations("platform")),
        random: fixedRandom(3),
        server,
        serverKeyExchange: new Uint8Array(0),
        minimumKeyBits: 2048,
        operations: tlsOperations("platform"),
      })
    );
    assert.equal((error as CertificateError).reason, "key_usage");
  }
  const all = [...RSA, ...suites];
  const separate = [{ ...signing, suites: RSA }, { ...encrypting, suites }];
  const serverName = "host.example";
  const [ecdhe] = await pair({ suites: all, serverName }, { credentials: separate });
  assert.equal(ecdhe.info.suite, RSA[0]);
  const [rsa] = await pair({ suites, serverName }, { credentials: separate });
  assert.equal(rsa.info.suite, suites[0]);
});

test("ecdhe: a scheme that does not fit the key is neither chosen nor accepted", async () => {
  const credentials: Credentials = { key: rsa1024, certificates: [serverCertificate(rsa1024)] };
  const context = {
    clientVersion: 0x0303,
    randoms: { client: new Uint8Array(32), server: new Uint8Array(32) },
    groups: namedGroups(tlsOperations("platform")),
    operations: tlsOperations("platform"),
    random: fixedRandom(5),
    credentials,
    client: { groups: [0x001d], signatureSchemes: [0x0806], uncompressedPoints: true },
  };
  assert.equal(ecdheRsa.isPossible(context), false); // PSS with SHA-512 needs 1034 bits
  assert.equal(
    ecdheRsa.isPossible({ ...context, client: { ...context.client, signatureSchemes: [0x0804] } }),
    true,
  );
  assert.equal(ecdheEcdsa.fits(rsa1024), false);
});

test("ecdhe: a key on a curve that the client does not name is not chosen", () => {
  const isPossible = (key: PrivateKey, groups: readonly number[] | undefined) =>
    ecdheEcdsa.isPossible({
      groups: namedGroups(tlsOperations("platform")),
      credentials: credentialsOf(key),
      client: { groups, signatureSchemes: [0x0403, 0x0807], uncompressedPoints: true },
    });
  assert.equal(isPossible(keys.p384, [0x001d, 0x0017]), false);
  assert.equal(isPossible(keys.p384, [0x001d, 0x0018]), true);
  assert.equal(isPossible(keys.p384, undefined), true);
  assert.equal(isPossible(keys.ed25519, [0x001d]), true);
});

test("ecdhe: the client checks that the server chose what it offered", async () => {
  const credentials = credentialsOf(keys.p256);
  const client = { groups: [0x001d, 0x0017], signatureSchemes: [0x0403], uncompressedPoints: true };
  const common = {
    clientVersion: 0x0303,
    randoms: { client: new Uint8Array(32).fill(1), server: new Uint8Array(32).fill(2) },
    groups: namedGroups(tlsOperations("platform")),
    operations: tlsOperations("platform"),
    random: fixedRandom(6),
  };
  const exchange = await ecdheEcdsa.server({ ...common, credentials, client });
  const message = exchange.serverKeyExchange!;
  const server = { type: "raw", spki: new Uint8Array(0), publicKey: keys.p256 } as const;
  const receive = (serverKeyExchange: Uint8Array, more = {}) => () =>
    ecdheEcdsa.client({ ...common, server, serverKeyExchange, minimumKeyBits: 2048, ...more });
  const { clientKeyExchange, premasterSecret } = receive(message)().respond();
  assert.deepEqual(await exchange.receive(clientKeyExchange), premasterSecret);

  const changed = (at: number, value: number) => message.map((byte, i) => i === at ? value : byte);
  const schemeAt = 4 + 32;
  const cases: [() => unknown, string][] = [
    [receive(changed(0, 1)), "illegal_parameter"], // explicit parameters
    [receive(changed(2, 0x1e)), "illegal_parameter"], // x448
    [
      receive(message, {
        groups: namedGroups(tlsOperations("platform")).filter(({ name }) => name !== "x25519"),
      }),
      "illegal_parameter",
    ],
    [receive(changed(schemeAt, 0x08)), "illegal_parameter"], // 0x0803 is unknown
    [receive(changed(schemeAt + 1, 0x01)), "illegal_parameter"], // rsa_pkcs1_sha256 does not fit the key
    [receive(changed(10, message[10] ^ 1)), "decrypt_error"],
    [receive(message, { randoms: { ...common.randoms, client: new Uint8Array(32) } }), "decrypt_error"],
    [receive(message.subarray(0, -1)), "decode_error"],
    [receive(concat(message, Uint8Array.of(0))), "decode_error"],
    [() => exchange.receive(Uint8Array.of(31, ...new Uint8Array(31))), "illegal_parameter"],
    [() => exchange.receive(Uint8Array.of(32, ...new Uint8Array(32))), "illegal_parameter"], // small order
    [() => exchange.receive(Uint8Array.of(32, ...new Uint8Array(33))), "decode_error"],
  ];
  for (const [work, alert] of cases) {
    assert.equal((await channelError(work)).alert, alert);
  }
});
