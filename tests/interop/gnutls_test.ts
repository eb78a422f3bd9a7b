import { generateEcKey } from "../../src/crypto/ec/keys.ts";
import {
  acceptTls,
  type CipherSuiteName,
  connectTls,
  type PeerCredentials,
  type TlsConnection,
} from "../../src/tls/mod.ts";
import { type Certificate, exportPublicKey, type PrivateKey } from "../../src/x509/mod.ts";
import { encodePem } from "../../src/asn1/mod.ts";
import { pattern, readBytes, sendBytes } from "../_kit/exchange.ts";
import { rsa2048 } from "../_kit/keys.ts";
import { assert, runtime, test } from "../_kit/mod.ts";
import { Files } from "../_kit/files.ts";
import { PeerProgram, programThatConnects } from "../_kit/peer.ts";
import { fixedRandom } from "../_kit/replay.ts";
import { root, serverCertificate, writePki } from "../_kit/pki.ts";

const certificate = serverCertificate(rsa2048);
const MIB = 2 ** 20;
const p256 = generateEcKey("P-256", fixedRandom(62));
const p256Certificate = serverCertificate(p256);

function certificateOf(key: PrivateKey): Certificate {
  return key === p256 ? p256Certificate : certificate;
}

interface Case {
  readonly suite: CipherSuiteName;
  readonly algorithms: string;
  /** The server's key. For ECDHE, `algorithms` has the type of the key. */
  readonly key: PrivateKey;
  readonly extendedMasterSecret: boolean;
  readonly encryptThenMac: boolean;
  readonly rawKey: boolean;
  readonly size: number;
}

/** The suites with ECDHE for each type of signature. AES-256 transfers more data. */
const ECDHE_CASES: readonly Case[] = ([["ECDSA", p256], ["RSA", rsa2048]] as const).flatMap(([name, key]) =>
  ([
    ["AES_256_GCM_SHA384", "+AES-256-GCM", MIB / 4],
    ["AES_128_GCM_SHA256", "+AES-128-GCM", MIB / 64],
    ["CHACHA20_POLY1305_SHA256", "+CHACHA20-POLY1305", MIB / 64],
  ] as const).map(([cipher, algorithm, size]): Case => ({
    suite: `TLS_ECDHE_${name}_WITH_${cipher}`,
    algorithms: `+ECDHE-${name}:-CIPHER-ALL:${algorithm}`,
    key,
    extendedMasterSecret: true,
    encryptThenMac: false,
    rawKey: false,
    size,
  }))
);

/**
 * Each suite with much data (with more on one runtime, since gnutls-cli takes a system call for each byte); then
 * with the extensions left out by the peer, and with a raw public key.
 */
const RSA_CASES: readonly Case[] = ([
  ["TLS_RSA_WITH_AES_256_GCM_SHA384", "+AES-256-GCM:-MAC-ALL:+AEAD"],
  ["TLS_RSA_WITH_AES_256_CBC_SHA256", "+AES-256-CBC:-MAC-ALL:+SHA256"],
  ["TLS_RSA_WITH_AES_256_CBC_SHA", "+AES-256-CBC:-MAC-ALL:+SHA1"],
  ["TLS_RSA_WITH_3DES_EDE_CBC_SHA", "+3DES-CBC:-MAC-ALL:+SHA1"],
] as const).flatMap(([suite, algorithms]) => {
  const cbc = suite.includes("CBC");
  const base = {
    suite,
    algorithms: `+RSA:-CIPHER-ALL:${algorithms}`,
    key: rsa2048,
    extendedMasterSecret: true,
    encryptThenMac: cbc,
    rawKey: false,
    size: MIB / 4,
  };
  return [
    { ...base, size: runtime === "node" && !suite.includes("3DES") ? 2 * MIB : MIB },
    { ...base, extendedMasterSecret: false, rawKey: true },
    ...(cbc ? [{ ...base, encryptThenMac: false, rawKey: true }] : []),
    ...(cbc ? [{ ...base, extendedMasterSecret: false, encryptThenMac: false }] : []),
  ];
});

/** ECDHE on one runtime alone. */
const CASES: readonly Case[] = runtime === "node" ? [...ECDHE_CASES, ...RSA_CASES] : RSA_CASES;

function priority({ algorithms, extendedMasterSecret, encryptThenMac, rawKey, suite }: Case): string {
  return [
    `NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:${algorithms}`,
    extendedMasterSecret ? "" : "%NO_SESSION_HASH",
    encryptThenMac || !suite.includes("CBC") ? "" : "%NO_ETM",
    rawKey ? "-CTYPE-ALL:+CTYPE-SRV-RAWPK:+CTYPE-CLI-X509" : "",
  ].filter(Boolean).join(":");
}

function check({ info }: TlsConnection, one: Case, message: string): void {
  assert.equal(info.suite, one.suite, message);
  assert.equal(info.extendedMasterSecret, one.extendedMasterSecret, message);
  assert.equal(info.encryptThenMac, one.encryptThenMac, message);
}

test(
  "gnutls-cli: every suite, with and without extensions, X.509 and raw keys, data both ways, orderly close",
  {
    needs: ["gnutls-cli"],
  },
  async () => {
    using files = new Files();
    const { root: rootFile } = writePki(files, certificate);
    const [log, written] = [files.write("log", ""), files.write("written", "")];
    for (const one of CASES) {
      const { program, transport } = await programThatConnects((port) => [
        // gnutls-cli writes byte by byte, which is fast enough only to a file.
        ...["sh", "-c", `exec "$@" > ${written}`, "sh"],
        ...["gnutls-cli", "--port", `${port}`, "--logfile", log, "--priority", priority(one)],
        ...(one.rawKey ? ["--no-ca-verification"] : ["--x509cafile", rootFile]),
        "localhost",
      ]);
      await using client = program;
      const connection = await acceptTls(transport, {
        credentials: [{ key: one.key, certificates: [certificateOf(one.key)], rawKey: true }],
        suites: [one.suite],
      });
      check(connection, one, priority(one));
      const [up, down] = [pattern(one.size, 4), pattern(one.size, 5)];
      client.input(up);
      const [received] = await Promise.all([
        readBytes(connection.readable, one.size),
        sendBytes(connection, down),
      ]);
      assert.deepEqual(received, up);
      await connection.close();
      await connection.closed;
      assert.equal(await client.exitCode(), 0, client.errors);
      assert.deepEqual(files.read("written"), down);
    }
  },
);

/** gnutls-serv echoes text, line by line. */
function lines(length: number): Uint8Array {
  return pattern(length, 6).map((byte, i) => i % 64 === 63 ? 0x0a : 0x21 + byte % 90);
}

test(
  "gnutls-serv: every suite, with and without extensions, X.509 and raw keys, data echoed, orderly close",
  {
    needs: ["gnutls-serv", "unshare", "python3"],
  },
  async () => {
    const spki = exportPublicKey(rsa2048);
    const bridge = new URL("gnutls_bridge.py", import.meta.url).pathname;
    for (const one of CASES) {
      using files = new Files();
      const pki = writePki(files, certificateOf(one.key), one.key);
      const rawKey = files.write("raw.pem", encodePem("PUBLIC KEY", spki));
      await using server = new PeerProgram([
        ...["unshare", "-n", "python3", bridge, "gnutls-serv", "--quiet", "--echo", "--crlf"],
        ...["--disable-client-cert", "--priority", priority(one)],
        ...(one.rawKey
          ? ["--rawpkkeyfile", pki.key, "--rawpkfile", rawKey]
          : ["--x509certfile", pki.certificate, "--x509keyfile", pki.key]),
      ], { bridged: true });
      let shown: Uint8Array | undefined;
      const connection = await connectTls(server.transport, {
        certificateTypes: one.rawKey ? ["raw"] : ["x509"],
        suites: [one.suite],
        ...(one.rawKey
          ? { verifyPeer: (peer) => void (shown = peer.type === "raw" ? peer.spki : undefined) }
          : { roots: [root.certificate], serverName: "localhost" }),
      });
      check(connection, one, `${priority(one)}\n${server.errors}`);
      if (one.rawKey) assert.deepEqual(shown, spki);
      const data = lines(one.size);
      // gnutls-serv does not read while an answer waits to be written, so each line is sent after the echo of the last.
      for (let i = 0; i < data.length; i += 16_384) {
        const line = data.subarray(i, i + 16_384);
        const [echo] = await Promise.all([
          readBytes(connection.readable, line.length),
          sendBytes(connection, line),
        ]);
        assert.deepEqual(echo, line);
      }
      await connection.close();
      await connection.closed;
    }
  },
);

const RAW_BOTH_WAYS = "NORMAL:-CTYPE-ALL:+CTYPE-SRV-RAWPK:+CTYPE-CLI-RAWPK";

test("gnutls: raw public keys both ways, in either role", {
  needs: ["gnutls-cli", "gnutls-serv", "unshare", "python3"],
}, async () => {
  using files = new Files();
  const pki = writePki(files, certificate);
  const spki = exportPublicKey(rsa2048);
  const rawKey = files.write("raw.pem", encodePem("PUBLIC KEY", spki));
  const keys = ["--rawpkkeyfile", pki.key, "--rawpkfile", rawKey, "--priority", RAW_BOTH_WAYS];
  const shown: unknown[] = [];
  const verifyPeer = (peer: PeerCredentials) => void shown.push(peer.type === "raw" ? peer.spki : undefined);

  const { program, transport } = await programThatConnects((port) => [
    ...["gnutls-cli", "--port", `${port}`, "--no-ca-verification", ...keys, "localhost"],
  ]);
  await using client = program;
  const accepted = await acceptTls(transport, {
    credentials: [{ key: rsa2048 }],
    clientAuthentication: { verifyPeer, certificateTypes: ["raw"] },
  });
  await accepted.close();
  assert.equal(await client.exitCode(), 0, client.errors);

  const bridge = new URL("gnutls_bridge.py", import.meta.url).pathname;
  await using server = new PeerProgram([
    ...["unshare", "-n", "python3", bridge, "gnutls-serv", "--echo", "--require-client-cert", ...keys],
  ], { bridged: true });
  const connected = await connectTls(server.transport, {
    certificateTypes: ["raw"],
    verifyPeer,
    credentials: { key: rsa2048 },
  });
  const line = lines(64);
  const [echo] = await Promise.all([readBytes(connected.readable, 64), sendBytes(connected, line)]);
  assert.deepEqual(echo, line);
  await connected.close();
  assert.deepEqual(shown, [spki, spki]);
});
