import { generateEcKey } from "../../src/crypto/ec/keys.ts";
import {
  acceptTls,
  type CipherSuiteName,
  connectTls,
  type NamedGroupName,
  type TlsConnection,
} from "../../src/tls/mod.ts";
import { exchangeWithProgram, pattern, readBytes, sendBytes } from "../_kit/exchange.ts";
import { rsa2048 } from "../_kit/keys.ts";
import { assert, test } from "../_kit/mod.ts";
import { Files } from "../_kit/files.ts";
import { freePort, PeerProgram, programThatConnects } from "../_kit/peer.ts";
import { root, serverCertificate, writePki } from "../_kit/pki.ts";
import { fixedRandom } from "../_kit/replay.ts";
import { RSA_SUITES } from "../_kit/suites.ts";

const certificate = serverCertificate(rsa2048);
const MIB = 2 ** 20;

interface Case {
  readonly suite: CipherSuiteName;
  readonly openssl: string;
  readonly extendedMasterSecret: boolean;
  readonly encryptThenMac: boolean;
  readonly size: number;
}

/** Tests each suite with much data, and without each of the two extensions. */
const CASES: readonly Case[] = ([
  ["TLS_RSA_WITH_AES_256_GCM_SHA384", "AES256-GCM-SHA384"],
  ["TLS_RSA_WITH_AES_256_CBC_SHA256", "AES256-SHA256"],
  ["TLS_RSA_WITH_AES_256_CBC_SHA", "AES256-SHA"],
] as const).flatMap(([suite, openssl]) => {
  const cbc = suite.includes("CBC");
  return [
    { suite, openssl, extendedMasterSecret: true, encryptThenMac: cbc, size: 2 * MIB },
    { suite, openssl, extendedMasterSecret: false, encryptThenMac: cbc, size: MIB / 4 },
    ...(cbc ? [{ suite, openssl, extendedMasterSecret: true, encryptThenMac: false, size: MIB / 4 }] : []),
    ...(cbc ? [{ suite, openssl, extendedMasterSecret: false, encryptThenMac: false, size: MIB / 4 }] : []),
  ];
});

function describe({ suite, extendedMasterSecret, encryptThenMac, size }: Case): string {
  const without = [extendedMasterSecret ? "" : "EMS", encryptThenMac || suite.includes("GCM") ? "" : "EtM"];
  return `${suite}, ${size / MIB} MiB, without ${without.filter(Boolean).join(" and ") || "nothing"}`;
}

/** OpenSSL 3.0 has a switch for encrypt-then-MAC, and none for the extended master secret. */
function switches({ encryptThenMac, openssl }: Case): string[] {
  return ["-tls1_2", "-quiet", "-cipher", openssl, ...(encryptThenMac ? [] : ["-no_etm"])];
}

function checkInfo({ info }: TlsConnection, { suite, extendedMasterSecret, encryptThenMac }: Case): void {
  assert.equal(info.suite, suite);
  assert.equal(info.extendedMasterSecret, extendedMasterSecret);
  assert.equal(info.encryptThenMac, encryptThenMac);
}

test("openssl s_server: every suite, with and without extensions, data both ways, orderly close", {
  needs: ["openssl"],
}, async () => {
  using files = new Files();
  const pki = writePki(files, certificate);
  for (const one of CASES) {
    const port = await freePort();
    await using server = new PeerProgram([
      ...["openssl", "s_server", "-accept", `127.0.0.1:${port}`, "-naccept", "1"],
      ...["-cert", pki.certificate, "-key", pki.key, ...switches(one)],
    ]);
    const connection = await connectTls(await server.dial(port), {
      roots: [root.certificate],
      serverName: "localhost",
      suites: RSA_SUITES,
      extendedMasterSecret: one.extendedMasterSecret,
    });
    checkInfo(connection, one);
    await exchangeWithProgram(connection, server, one.size);
    assert.equal(await server.exitCode(), 0, `${describe(one)}: ${server.errors}`);
  }
});

test("openssl s_client: every suite, with and without extensions, data both ways, orderly close", {
  needs: ["openssl"],
}, async () => {
  using files = new Files();
  const pki = writePki(files, certificate);
  for (const one of CASES) {
    const { program, transport } = await programThatConnects((port) => [
      ...["openssl", "s_client", "-connect", `127.0.0.1:${port}`, ...switches(one)],
      ...["-CAfile", pki.root, "-verify_return_error", "-verify_hostname", "localhost"],
    ]);
    await using client = program;
    const connection = await acceptTls(transport, {
      credentials: [{ key: rsa2048, certificates: [certificate] }],
      suites: RSA_SUITES,
      extendedMasterSecret: one.extendedMasterSecret,
    });
    checkInfo(connection, one);
    await exchangeWithProgram(connection, client, one.size);
    assert.equal(await client.exitCode(), 0, `${describe(one)}: ${client.errors}`);
  }
});

/** All TLS 1.2 suites of OpenSSL 3, by OpenSSL's names. GnuTLS also has 3DES. */
const SUITES: readonly (readonly [CipherSuiteName, string])[] = [
  ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"],
  ["TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"],
  ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"],
  ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"],
  ["TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"],
  ["TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"],
  ["TLS_RSA_WITH_AES_256_GCM_SHA384", "AES256-GCM-SHA384"],
  ["TLS_RSA_WITH_AES_128_GCM_SHA256", "AES128-GCM-SHA256"],
  ["TLS_RSA_WITH_AES_256_CBC_SHA256", "AES256-SHA256"],
  ["TLS_RSA_WITH_AES_256_CBC_SHA", "AES256-SHA"],
  ["TLS_RSA_WITH_AES_128_CBC_SHA256", "AES128-SHA256"],
  ["TLS_RSA_WITH_AES_128_CBC_SHA", "AES128-SHA"],
];

/** Each suite with the first group, then each group. */
const NAMED: readonly (readonly [CipherSuiteName, string, NamedGroupName, string])[] = [
  ...SUITES.map(([suite, name]) => [suite, name, "x25519", "X25519:P-256"] as const),
  ...([["secp256r1", "P-256"], ["secp384r1", "P-384"], ["secp521r1", "P-521"]] as const).map(
    ([group, curve]) => [...SUITES[1], group, curve] as const,
  ),
];

const ecKey = generateEcKey("P-256", fixedRandom(61));
const credentials = { key: rsa2048, certificates: [certificate] };
const ecCredentials = { key: ecKey, certificates: [serverCertificate(ecKey)] };

function checkNamed({ info }: TlsConnection, suite: CipherSuiteName, group: NamedGroupName): void {
  assert.equal(info.protocol, "TLS 1.2");
  assert.equal(info.suite, suite);
  assert.equal(info.group, suite.includes("ECDHE") ? group : undefined);
}

test("openssl s_server: every suite and group of TLS 1.2 by name", {
  needs: ["openssl"],
  on: ["node"],
}, async () => {
  using files = new Files();
  using ecFiles = new Files();
  const pki = writePki(files, certificate);
  const ecPki = writePki(ecFiles, ecCredentials.certificates[0], ecKey);
  const port = await freePort();
  // The server sends each line back reversed, and serves one connection after the other.
  await using server = new PeerProgram([
    ...["openssl", "s_server", "-accept", `127.0.0.1:${port}`, "-naccept", `${NAMED.length}`, "-rev"],
    ...["-tls1_2", "-cipher", "ALL", "-cert", pki.certificate, "-key", pki.key],
    ...["-dcert", ecPki.certificate, "-dkey", ecPki.key],
  ]);
  for (const [suite, , group] of NAMED) {
    const connection = await connectTls(await server.dial(port), {
      roots: [root.certificate],
      serverName: "localhost",
      suites: [suite],
      groups: group === "x25519" ? ["x25519", "secp256r1"] : [group],
    });
    checkNamed(connection, suite, group);
    const sent = line(4096);
    const [answer] = await Promise.all([
      readBytes(connection.readable, sent.length),
      sendBytes(connection, sent),
    ]);
    assert.deepEqual(answer.subarray(0, -1).reverse(), sent.subarray(0, -1));
    await connection.close();
  }
  assert.equal(await server.exitCode(), 0, server.errors);
});

/** One line of text, including its end. */
function line(length: number): Uint8Array {
  return pattern(length, 3).map((byte, i) => i === length - 1 ? 0x0a : 0x21 + byte % 90);
}

test("openssl s_client: every suite and group of TLS 1.2 by name", {
  needs: ["openssl"],
  on: ["node"],
}, async () => {
  using files = new Files();
  const pki = writePki(files, certificate);
  for (const [suite, name, group, curves] of NAMED) {
    const { program, transport } = await programThatConnects((port) => [
      ...["openssl", "s_client", "-connect", `127.0.0.1:${port}`, "-quiet", "-tls1_2", "-cipher", name],
      ...["-groups", curves, "-CAfile", pki.root, "-verify_return_error", "-verify_hostname", "localhost"],
    ]);
    await using client = program;
    const connection = await acceptTls(transport, {
      credentials: [suite.includes("ECDSA") ? ecCredentials : credentials],
      suites: [suite],
    });
    checkNamed(connection, suite, group);
    await exchangeWithProgram(connection, client, 4096);
    assert.equal(await client.exitCode(), 0, `${suite}: ${client.errors}`);
  }
});
