/** Servers on the loopback address for the tests in browsers and workerd, which cannot listen themselves. */
import type { AddressInfo } from "node:net";
import { createServer as createTlsServer, type Server as TlsServer } from "node:tls";
import { WebSocketServer } from "ws";
import { serve, type Server, serveTransports, type Transport } from "../../mod.ts";
import { listen } from "../../src/transport/node.ts";
import { webSocketListener } from "../../src/transport/websocket/mod.ts";
import { exportPrivateKey } from "../../src/x509/mod.ts";
import { pattern } from "../../tests/_kit/exchange.ts";
import { rsa2048 } from "../../tests/_kit/keys.ts";
import { echoMessages, offers } from "../../tests/_kit/offers.ts";
import { serverCertificate } from "../../tests/_kit/pki.ts";
import type { PeerPorts } from "../../tests/_kit/run_bundled.ts";

/**
 * Channels over TCP; an ordinary TLS server, which is OpenSSL in Node and sends back what it receives; and WebSockets,
 * whose path says what is done: `/channel`, `/late`, `/echo`, `/silent`, `/text`, or `/close/` and a code, which sends five
 * messages before.
 */
export class Peers implements AsyncDisposable {
  readonly ports: PeerPorts;
  readonly #webSockets: WebSocketServer;
  readonly #tls: TlsServer;
  readonly #servers: readonly Server[];

  private constructor(
    ports: PeerPorts,
    webSockets: WebSocketServer,
    tls: TlsServer,
    servers: readonly Server[],
  ) {
    this.ports = ports;
    this.#webSockets = webSockets;
    this.#tls = tls;
    this.#servers = servers;
  }

  static async start(): Promise<Peers> {
    const tcp = await listen();
    const [taken, late] = [webSocketListener(), webSocketListener()];
    const servers = [
      serve(tcp, { security: offers }, echoMessages),
      serve(taken, { security: offers }, echoMessages),
      serveTransports(late, {}, echoLate),
    ];
    const webSockets = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    webSockets.on("connection", (socket, { url }) => {
      if (url === "/channel") taken.take(socket);
      else if (url === "/late") late.take(socket);
      else if (url === "/silent") socket.pause();
      else if (url === "/text") socket.send("text");
      else if (url === "/echo") socket.on("message", (data) => socket.send(data));
      else {
        for (let i = 0; i < 5; i++) socket.send(pattern(1000, i));
        socket.close(Number(url!.replace("/close/", "")));
      }
    });
    const tls = ordinaryTlsServer();
    await Promise.all(
      [webSockets, tls].map((server) => new Promise((resolve) => server.once("listening", resolve))),
    );
    const [webSocket, tlsPort] = [webSockets, tls].map((server) => (server.address() as AddressInfo).port);
    return new Peers({ webSocket, tcp: tcp.port, tls: tlsPort }, webSockets, tls, servers);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#webSockets.clients) socket.terminate();
    this.#webSockets.close();
    this.#tls.close();
    await Promise.all(this.#servers.map((server) => server.close({ grace: 0 })));
  }
}

/** The number of bytes that `/late` sends, and the number that it then sends back. */
const LATE = 1_500_000;

/** Sends the first bytes back. Then sends many bytes before it reads as many and sends those back. */
async function echoLate({ readable, writable }: Transport): Promise<void> {
  const [reader, writer] = [readable.getReader(), writable.getWriter()];
  await writer.write((await reader.read()).value!);
  await writer.write(pattern(LATE, 1));
  for (let left = LATE; left > 0;) {
    const { value } = await reader.read();
    if (value === undefined) return;
    left -= value.length;
    await writer.write(value);
  }
  await writer.close();
}

function ordinaryTlsServer(): TlsServer {
  const server = createTlsServer({
    key: exportPrivateKey(rsa2048),
    cert: serverCertificate(rsa2048).pem,
  }, (socket) => socket.on("error", () => {}).pipe(socket));
  return server.listen(0, "127.0.0.1");
}
