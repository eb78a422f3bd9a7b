import { acceptTls, type CipherSuiteName, connectTls, type TlsConnection } from "../../src/tls/mod.ts";
import { assertSameBytes, pattern, readBytes, sendBytes } from "../_kit/exchange.ts";
import { rsa2048 } from "../_kit/keys.ts";
import { assert, test } from "../_kit/mod.ts";
import { dialProgram, Files, freePort, PeerProgram, programThatConnects } from "../_kit/peer.ts";
import { root, serverCertificate, writePki } from "../_kit/pki.ts";
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

/** Each suite once with much data, and with each of the two extensions left out. */
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

/** Both directions at once, this side's end first, the peer's after it. */
async function exchange(connection: TlsConnection, peer: PeerProgram, size: number): Promise<void> {
  const [up, down] = [pattern(size, 1), pattern(size, 2)];
  peer.input(down);
  const [received] = await Promise.all([
    readBytes(connection.readable, size),
    sendBytes(connection, up),
  ]);
  assertSameBytes(received, down);
  assertSameBytes(await peer.output(size), up);
  await connection.close();
  await connection.closed;
}

test("openssl s_server: every suite, with and without extensions, data both ways, orderly close", {
  needs: ["openssl"],
  timeout: 240_000,
}, async () => {
  using files = new Files();
  const pki = writePki(files, certificate);
  for (const one of CASES) {
    const port = await freePort();
    await using server = new PeerProgram([
      ...["openssl", "s_server", "-accept", `127.0.0.1:${port}`, "-naccept", "1"],
      ...["-cert", pki.certificate, "-key", pki.key, ...switches(one)],
    ]);
    const connection = await connectTls(await dialProgram(port), {
      roots: [root.certificate],
      serverName: "localhost",
      suites: RSA_SUITES,
      extendedMasterSecret: one.extendedMasterSecret,
    });
    checkInfo(connection, one);
    await exchange(connection, server, one.size);
    assert.equal(await server.exitCode(), 0, `${describe(one)}: ${server.errors}`);
  }
});

test("openssl s_client: every suite, with and without extensions, data both ways, orderly close", {
  needs: ["openssl"],
  timeout: 240_000,
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
    await exchange(connection, client, one.size);
    assert.equal(await client.exitCode(), 0, `${describe(one)}: ${client.errors}`);
  }
});
