import { spawn } from "node:child_process";
import { createServer } from "node:https";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { WebSocketServer } from "ws";
import { assert, type Runtime, runtime, test } from "../_kit/mod.ts";
import { DENO_RUN } from "../_kit/deno_run.ts";
import { rsa2048, rsa3072 } from "../_kit/keys.ts";
import { Files } from "../_kit/files.ts";
import { serve } from "../../mod.ts";
import { webSocketListener } from "../../src/transport/websocket/mod.ts";
import {
  createCertificateAuthority,
  createCertificateRequest,
  exportPrivateKey,
  issueCertificate,
  parseCertificateRequest,
} from "../../src/x509/mod.ts";
import { echo, offers, secret } from "../channel/_helpers.ts";
import { toHex } from "../../src/bytes.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The flags with which each runtime runs the tool. */
const FLAGS: Readonly<Partial<Record<Runtime, readonly string[]>>> = {
  node: ["--import", "tsx"],
  deno: DENO_RUN,
  bun: ["run"],
};

test("wss: fesa connect with a private CA for the outer TLS, and with headers", async () => {
  using files = new Files();
  const ca = await createCertificateAuthority({ subject: "CN=Test Root", key: rsa3072 });
  const request = createCertificateRequest(rsa2048, { subject: "CN=localhost", names: ["localhost"] });
  const certificate = issueCertificate(ca, parseCertificateRequest(request.pem));
  const http = createServer({ key: exportPrivateKey(rsa2048), cert: certificate.pem });
  await new Promise<void>((listening) => http.listen(0, "127.0.0.1", listening));
  const sockets = webSocketListener();
  const wss = new WebSocketServer({ server: http });
  const asked: string[] = [];
  wss.on("connection", (socket, { headers }) => {
    asked.push(`${headers.authorization} from ${headers.origin}`);
    sockets.take(socket);
  });
  const server = serve(sockets, { security: [offers.native] }, echo);

  const { port } = http.address() as { port: number };
  const words = ["connect", `wss://localhost:${port}/`, "--setting", "native"];
  const root = files.write("root.pem", ca.certificate.pem);
  const secretFile = files.write("secret", toHex(secret));
  const fields = files.write("fields", "Authorization: Bearer 0123:4567\r\n\n");
  const headers = ["--header", `@${fields}`, "--header", "Origin: https://app.example"];
  const fesa = (...more: readonly string[]) =>
    new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
      const args = [...FLAGS[runtime]!, "src/cli/main.ts", ...words, "--secret-file", secretFile, ...more];
      const child = spawn(process.execPath, args, { cwd: ROOT });
      let [stdout, stderr] = ["", ""];
      child.stdout.on("data", (chunk) => stdout += chunk);
      child.stderr.on("data", (chunk) => stderr += chunk);
      child.on("close", (code) => resolve({ code, stdout, stderr }));
      child.stdin.end("hello over TLS");
    });

  const trusting = await fesa("--wss-roots", root, ...headers);
  assert.equal(trusting.code, 0, trusting.stderr);
  assert.equal(trusting.stdout, "hello over TLS");
  assert.deepEqual(asked, ["Bearer 0123:4567 from https://app.example"]);
  const other = await fesa();
  assert.equal(other.code, 1);
  assert.match(other.stderr, /cannot connect to localhost:\d+: .*(certificate|issuer|UnknownIssuer)/i);

  await server.close({ grace: 0 });
  wss.close();
  await new Promise((closed) => http.close(closed));
});
