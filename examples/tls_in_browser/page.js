/**
 * The page of pages.ts: it opens a TLS session end to end with an ordinary HTTPS server, over the relay's
 * WebSocket.
 */
import { connectTls } from "@fesa/channel/tls";
import { webSocketTransport } from "@fesa/channel/websocket";
import { parseCertificates } from "@fesa/channel/x509";

const relayPort = location.hash.slice(1) || "8080";
const output = document.querySelector("output");
try {
  const tls = await connectTls(webSocketTransport(`ws://127.0.0.1:${relayPort}/`), {
    serverName: "localhost", // verified by the page; the relay is not trusted
    roots: parseCertificates(ROOT), // pages.ts inserts it
  });
  const writer = tls.writable.getWriter();
  await writer.write(
    new TextEncoder().encode("GET /secret HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
  );
  output.innerText = `${tls.info.suite}\n\n${await new Response(tls.readable).text()}`;
} catch (error) {
  output.innerText = String(error);
}
