import { acceptTls, type CipherSuiteName, connectTls } from "../../src/tls/mod.ts";
import { exchangeWithProgram, readBytes, sendBytes } from "../_kit/exchange.ts";
import { rsa2048 } from "../_kit/keys.ts";
import { assert, test } from "../_kit/mod.ts";
import { Files } from "../_kit/files.ts";
import { freePort, PeerProgram, programThatConnects } from "../_kit/peer.ts";
import { clientCertificate, root, serverCertificate, writePki } from "../_kit/pki.ts";
import { verifyWithRoots } from "../../src/tls/mod.ts";

const certificate = serverCertificate(rsa2048);
const MIB = 2 ** 20;

const SUITES: readonly CipherSuiteName[] = [
  "TLS_AES_256_GCM_SHA384",
  "TLS_AES_128_GCM_SHA256",
  "TLS_CHACHA20_POLY1305_SHA256",
];

/** The groups by OpenSSL's names. All except the first need a HelloRetryRequest on both sides. */
const GROUPS = { X25519: "x25519", "P-256": "secp256r1", "P-384": "secp384r1", "P-521": "secp521r1" };

interface Case {
  readonly suites: readonly CipherSuiteName[];
  readonly group: keyof typeof GROUPS;
  readonly size: number;
}

const CASES: readonly Case[] = [
  ...SUITES.map((suite) => ({ suites: [suite], group: "X25519" as const, size: MIB })),
  ...(["P-256", "P-384", "P-521"] as const).map((group) => ({ suites: SUITES, group, size: MIB / 8 })),
];

test("openssl s_server, TLS 1.3: every suite and group, data both ways, orderly close", {
  needs: ["openssl"],
}, async () => {
  using files = new Files();
  const pki = writePki(files, certificate);
  for (const { suites, group, size } of CASES) {
    const port = await freePort();
    await using server = new PeerProgram([
      ...["openssl", "s_server", "-accept", `127.0.0.1:${port}`, "-naccept", "1", "-quiet"],
      ...["-cert", pki.certificate, "-key", pki.key, "-groups", group],
    ]);
    const connection = await connectTls(await server.dial(port), {
      roots: [root.certificate],
      serverName: "localhost",
      suites,
    });
    assert.equal(connection.info.protocol, "TLS 1.3");
    assert.equal(connection.info.suite, suites[0]);
    assert.equal(connection.info.group, GROUPS[group]);
    await exchangeWithProgram(connection, server, size);
    assert.equal(await server.exitCode(), 0, `${group}: ${server.errors}`);
  }
});

test("openssl s_client, TLS 1.3: every suite and group, data both ways, orderly close", {
  needs: ["openssl"],
}, async () => {
  using files = new Files();
  const pki = writePki(files, certificate);
  for (const { suites, group, size } of CASES) {
    const groups = group === "X25519" ? group : `X448:${group}`; // with a share of a group that we do not have
    const { program, transport } = await programThatConnects((port) => [
      ...["openssl", "s_client", "-connect", `127.0.0.1:${port}`, "-quiet", "-groups", groups],
      ...["-CAfile", pki.root, "-verify_return_error", "-verify_hostname", "localhost"],
    ]);
    await using client = program;
    const connection = await acceptTls(transport, {
      credentials: [{ key: rsa2048, certificates: [certificate] }],
      suites,
    });
    assert.equal(connection.info.suite, suites[0]);
    assert.equal(connection.info.group, GROUPS[group]);
    await exchangeWithProgram(connection, client, size);
    assert.equal(await client.exitCode(), 0, `${group}: ${client.errors}`);
  }
});

test("openssl, TLS 1.3: client certificates, at both ends", { needs: ["openssl"] }, async () => {
  using files = new Files();
  const pki = writePki(files, certificate);
  const client = clientCertificate(rsa2048);
  const clientFile = files.write("client.pem", client.pem);
  const port = await freePort();
  await using server = new PeerProgram([
    ...["openssl", "s_server", "-accept", `127.0.0.1:${port}`, "-naccept", "1", "-quiet"],
    ...[
      "-cert",
      pki.certificate,
      "-key",
      pki.key,
      "-Verify",
      "1",
      "-CAfile",
      pki.root,
      "-verify_return_error",
    ],
  ]);
  const connection = await connectTls(await server.dial(port), {
    roots: [root.certificate],
    serverName: "localhost",
    suites: SUITES,
    credentials: { key: rsa2048, certificates: [client] },
  });
  await exchangeWithProgram(connection, server, 1000);

  const { program, transport } = await programThatConnects((port) => [
    ...["openssl", "s_client", "-connect", `127.0.0.1:${port}`, "-quiet"],
    ...["-CAfile", pki.root, "-cert", clientFile, "-key", pki.key],
  ]);
  await using peer = program;
  const accepted = await acceptTls(transport, {
    credentials: [{ key: rsa2048, certificates: [certificate] }],
    suites: SUITES,
    clientAuthentication: { verifyPeer: verifyWithRoots([root.certificate], { usage: "client" }) },
  });
  assert.equal(accepted.info.peer?.type, "x509");
  await exchangeWithProgram(accepted, peer, 1000);
});

test("openssl, TLS 1.3: KeyUpdate, asked for by either side", { needs: ["openssl"] }, async () => {
  using files = new Files();
  const pki = writePki(files, certificate);
  const credentials = [{ key: rsa2048, certificates: [certificate] }];
  const start = () =>
    programThatConnects((port) => [
      ...["openssl", "s_client", "-connect", `127.0.0.1:${port}`, "-CAfile", pki.root],
    ]);
  const { program, transport } = await start();
  await using client = program;
  const connection = await acceptTls(transport, { credentials, suites: SUITES });
  client.input("K\n"); // updates its keys, and asks for ours
  await client.says("KEYUPDATE"); // a line that it reads together with the command is lost
  client.input("after the update\n");
  assert.deepEqual(await readBytes(connection.readable, 17), new TextEncoder().encode("after the update\n"));
  assert.equal(connection.keyExchanges, 2);
  await sendBytes(connection, new TextEncoder().encode("and back"));
  await client.says("and back");
  client.endInput();
  await connection.close();

  const port = await freePort();
  await using server = new PeerProgram([
    ...["openssl", "s_server", "-accept", `127.0.0.1:${port}`, "-naccept", "1", "-quiet"],
    ...["-cert", pki.certificate, "-key", pki.key],
  ]);
  const ours = await connectTls(await server.dial(port), {
    roots: [root.certificate],
    serverName: "localhost",
    suites: SUITES,
    rekey: { bytes: MIB },
  });
  await exchangeWithProgram(ours, server, 4 * MIB);
  assert.ok(ours.keyExchanges > 3, `${ours.keyExchanges}`);
});
