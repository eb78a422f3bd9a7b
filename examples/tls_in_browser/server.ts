/**
 * An ordinary HTTPS server without this library: TLS 1.2 with RSA key exchange, by node:https.
 *
 *     npx tsx examples/tls_in_browser/server.ts [PORT]
 */
import "../keys_if_missing.ts";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import process from "node:process";

const server = createServer({
  cert: readFileSync("keys/certificate.pem"),
  key: readFileSync("keys/key.pem"),
}, (request, response) => {
  response.end(`You asked for ${request.url}\n`);
});
server.listen(Number(process.argv[2] ?? 4433), "127.0.0.1", () => {
  console.log(`listening on port ${(server.address() as AddressInfo).port}`);
});
