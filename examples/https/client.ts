/**
 * Requests a page from any HTTPS server, using this library's TLS.
 *
 *     npx tsx examples/https/client.ts [PORT [PATH]]        (on localhost; its CA is keys/root.pem)
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { dial } from "@fesa/channel/node";
import { connectTls } from "@fesa/channel/tls";
import { parseCertificates } from "@fesa/channel/x509";

const [port, path] = [Number(process.argv[2] ?? 443), process.argv[3] ?? "/"];
const tls = await connectTls(await dial({ host: "localhost", port }), {
  serverName: "localhost",
  roots: parseCertificates(readFileSync("keys/root.pem", "utf8")),
  alpnProtocols: ["http/1.1"],
});
const writer = tls.writable.getWriter();
await writer.write(
  new TextEncoder().encode(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`),
);
console.log(`${tls.info.suite}\n\n${await new Response(tls.readable).text()}`);
