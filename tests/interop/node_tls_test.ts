import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import process from "node:process";
import { connect, type ConnectionOptions, createServer as createTlsServer, type TLSSocket } from "node:tls";
import { fromUtf8, toUtf8 } from "../../src/bytes.ts";
import { acceptTls, type CipherSuiteName, connectTls, type HandshakeStep } from "../../src/tls/mod.ts";
import { dial, fromDuplex } from "../../src/transport/node.ts";
import { exportPrivateKey } from "../../src/x509/mod.ts";
import { pattern, readBytes, sendBytes } from "../_kit/exchange.ts";
import { rsa2048 } from "../_kit/keys.ts";
import { assert, test } from "../_kit/mod.ts";
import { root, serverCertificate } from "../_kit/pki.ts";

const MIB = 2 ** 20;
const certificate = serverCertificate(rsa2048);
const suites: readonly CipherSuiteName[] = ["TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256"];

/** OpenSSL has ML-KEM since 3.5. */
const [major, minor] = (process.versions.openssl ?? "0.0").split(".").map(Number);
const GROUP = major > 3 || (major === 3 && minor >= 5) ? "X25519MLKEM768" : "x25519";

function hellosIn(steps: readonly HandshakeStep[]): number {
  return steps.filter(({ message }) => message === "ClientHello").length;
}

async function port(server: ReturnType<typeof createServer>): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** A client of node:tls whose handshake has not been answered yet, and the socket on the server's side. */
async function connectedSocket(
  versions: Pick<ConnectionOptions, "minVersion" | "maxVersion"> = {},
): Promise<[TLSSocket, Socket]> {
  const listener = createServer({ allowHalfOpen: true });
  const arrived = once(listener, "connection") as Promise<[Socket]>;
  const socket = connect({
    ...{ host: "127.0.0.1", port: await port(listener), servername: "localhost" },
    ca: root.certificate.pem,
    ...versions,
  });
  const [accepted] = await arrived;
  listener.close();
  return [socket, accepted];
}

/** Returns what the other side sends back. */
async function echoed(socket: TLSSocket): Promise<void> {
  for await (const chunk of socket) socket.write(chunk);
  socket.end();
}

/** Returns everything that arrives up to the end. */
async function text(stream: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += fromUtf8(chunk);
  return text;
}

test("node:tls, client: TLS 1.3 in the best group that it has, without a retry", {
  needs: ["node:"],
  on: ["node"],
}, async () => {
  const steps: HandshakeStep[] = [];
  const [socket, accepted] = await connectedSocket();
  const connection = await acceptTls(fromDuplex(accepted), {
    credentials: [{ key: rsa2048, certificates: [certificate] }],
    suites,
    trace: (step) => steps.push(step),
  });
  const end = echoed(socket);
  assert.deepEqual([connection.info.protocol, connection.info.group], ["TLS 1.3", GROUP]);
  assert.equal(hellosIn(steps), 1);
  const data = pattern(MIB, 1);
  const [received] = await Promise.all([readBytes(connection.readable, MIB), sendBytes(connection, data)]);
  assert.deepEqual(received, data);
  await connection.close();
  await end;
});

test("node:tls, server: TLS 1.3 in the best group that it has, without a retry", {
  needs: ["node:"],
  on: ["node"],
}, async () => {
  const server = createTlsServer({
    key: exportPrivateKey(rsa2048),
    cert: certificate.pem,
    allowHalfOpen: true,
  }, (socket) => void echoed(socket).catch(() => {}));
  const steps: HandshakeStep[] = [];
  const connection = await connectTls(await dial({ host: "127.0.0.1", port: await port(server) }), {
    roots: [root.certificate],
    serverName: "localhost",
    suites,
    trace: (step) => steps.push(step),
  });
  server.close();
  assert.deepEqual([connection.info.protocol, connection.info.group], ["TLS 1.3", GROUP]);
  assert.equal(hellosIn(steps), 1);
  const data = pattern(MIB, 2);
  const [received] = await Promise.all([readBytes(connection.readable, MIB), sendBytes(connection, data)]);
  assert.deepEqual(received, data);
  await connection.close();
  await connection.closed;
});

for (const protocol of ["TLSv1.3", "TLSv1.2"] as const) {
  const versions = { minVersion: protocol, maxVersion: protocol, allowHalfOpen: true };

  test(`node:tls, ${protocol}: its server still answers after this side's end`, {
    needs: ["node:"],
    on: ["node"],
  }, async () => {
    const server = createTlsServer({ key: exportPrivateKey(rsa2048), cert: certificate.pem, ...versions });
    server.on("secureConnection", (socket: TLSSocket) => {
      socket.resume().on("end", () => socket.end("answer"));
    });
    const connection = await connectTls(await dial({ host: "127.0.0.1", port: await port(server) }), {
      roots: [root.certificate],
      serverName: "localhost",
    });
    server.close();
    await sendBytes(connection, toUtf8("question"));
    await connection.writable.close();
    assert.equal(await text(connection.readable), "answer");
    await connection.closed;
  });

  test(`node:tls, ${protocol}: its client still gets answers after its own end`, {
    needs: ["node:"],
    on: ["node"],
  }, async () => {
    const [socket, accepted] = await connectedSocket(versions);
    const connection = await acceptTls(fromDuplex(accepted), {
      credentials: [{ key: rsa2048, certificates: [certificate] }],
    });
    socket.end("question");
    assert.equal(await text(connection.readable), "question"); // up to its end
    await sendBytes(connection, toUtf8("answer"));
    await connection.writable.close();
    assert.equal(await text(socket), "answer");
    await connection.closed;
  });
}
