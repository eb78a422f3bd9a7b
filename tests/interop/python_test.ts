import { toHex } from "../../src/bytes.ts";
import { sha256 } from "../../src/crypto/hash.ts";
import { acceptTls, connectTls, type TlsConnection } from "../../src/tls/mod.ts";
import { pattern, readBytes, sendBytes } from "../_kit/exchange.ts";
import { rsa2048 } from "../_kit/keys.ts";
import { assert, test } from "../_kit/mod.ts";
import { Files } from "../_kit/files.ts";
import { freePort, PeerProgram, programThatConnects } from "../_kit/peer.ts";
import { root, serverCertificate, writePki } from "../_kit/pki.ts";
import { RSA_SUITES } from "../_kit/suites.ts";

const certificate = serverCertificate(rsa2048);
const SIZE = 2 * 2 ** 20;
const CIPHERS = ["AES256-GCM-SHA384", "AES256-SHA256", "AES256-SHA"];

function command(files: Files, role: "client" | "server", port: number, cipher: string): string[] {
  const pki = writePki(files, certificate);
  const script = new URL("python_peer.py", import.meta.url).pathname;
  return ["python3", script, role, `${port}`, cipher, `${SIZE}`, pki.root, pki.certificate, pki.key];
}

/** The data that the script sends. */
const peerData = new Uint8Array(SIZE).map((_, i) => (i % 251) * 7 % 256);

async function exchange(connection: TlsConnection, peer: PeerProgram): Promise<void> {
  const data = pattern(SIZE, 3);
  const [received] = await Promise.all([
    readBytes(connection.readable, SIZE),
    sendBytes(connection, data),
  ]);
  assert.deepEqual(received, peerData);
  assert.equal(connection.info.alpnProtocol, "fesa/1");
  // The peer sends close_notify first, and waits for the server's.
  assert.equal((await readBytes(connection.readable, 1)).length, 0);
  await connection.close();
  await connection.closed;
  const output = new TextDecoder().decode(await peer.output());
  assert.equal(output, `fesa/1 ${toHex(sha256(data))}\nclosed in order\n`, peer.errors);
}

test("Python's ssl as server: every suite, data both ways, orderly close, ALPN", {
  needs: ["python3"],
}, async () => {
  using files = new Files();
  for (const cipher of CIPHERS) {
    const port = await freePort();
    await using server = new PeerProgram(command(files, "server", port, cipher));
    const connection = await connectTls(await server.dial(port), {
      suites: RSA_SUITES,
      roots: [root.certificate],
      serverName: "localhost",
      alpnProtocols: ["fesa/1"],
    });
    await exchange(connection, server);
  }
});

test("Python's ssl as client: every suite, data both ways, orderly close, ALPN", {
  needs: ["python3"],
}, async () => {
  using files = new Files();
  for (const cipher of CIPHERS) {
    const { program, transport } = await programThatConnects((port) =>
      command(files, "client", port, cipher)
    );
    await using client = program;
    const connection = await acceptTls(transport, {
      suites: RSA_SUITES,
      credentials: [{ key: rsa2048, certificates: [certificate] }],
      alpnProtocols: ["fesa/1"],
    });
    await exchange(connection, client);
  }
});
