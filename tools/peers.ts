/** Servers on the loopback address for the tests in browsers and workerd, which cannot listen themselves. */
import { createServer as createTlsServer, type Server as TlsServer } from "node:tls";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { serve, type Server } from "../mod.ts";
import { listen } from "../src/transport/node.ts";
import { webSocketListener } from "../src/transport/websocket/mod.ts";
import { exportPrivateKey } from "../src/x509/mod.ts";
import { rsa2048 } from "../tests/_kit/keys.ts";
import type { PeerPorts } from "../tests/_kit/run_bundled.ts";
import { echoMessages, offers } from "../tests/_kit/offers.ts";
import { serverCertificate } from "../tests/_kit/pki.ts";

/**
 * Channels over TCP; an ordinary TLS server, which is OpenSSL in Node and sends back what it receives; and WebSockets,
 * whose path says what is done: `/channel`, `/echo`, `/silent`, `/text`, or `/close/` and a code.
 */
export class Peers implements AsyncDisposable {
  readonly ports: PeerPorts;
  readonly #webSockets: WebSocketServer;
  readonly #tls: TlsServer;
  readonly #channels: readonly Server[];

  private constructor(
    ports: PeerPorts,
    webSockets: WebSocketServer,
    tls: TlsServer,
    channels: readonly Server[],
  ) {
    this.ports = ports;
    this.#webSockets = webSockets;
    this.#tls = tls;
    this.#channels = channels;
  }

  static async start(): Promise<Peers> {
    const tcp = await listen();
    const taken = webSocketListener();
    const channels = [
      serve(tcp, { security: offers }, echoMessages),
      serve(taken, { security: offers }, echoMessages),
    ];
    const webSockets = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    webSockets.on("connection", (socket, { url }) => {
      if (url === "/channel") taken.take(socket);
      else if (url === "/silent") socket.pause();
      else if (url === "/text") socket.send("text");
      else if (url === "/echo") socket.on("message", (data) => socket.send(data));
      else socket.close(Number(url!.replace("/close/", "")));
    });
    const tls = ordinaryTlsServer();
    await Promise.all(
      [webSockets, tls].map((server) => new Promise((resolve) => server.once("listening", resolve))),
    );
    const [webSocket, tlsPort] = [webSockets, tls].map((server) => (server.address() as AddressInfo).port);
    return new Peers({ webSocket, tcp: tcp.port, tls: tlsPort }, webSockets, tls, channels);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#webSockets.clients) socket.terminate();
    this.#webSockets.close();
    this.#tls.close();
    await Promise.all(this.#channels.map((server) => server.close({ grace: 0 })));
  }
}

function ordinaryTlsServer(): TlsServer {
  const server = createTlsServer({
    key: exportPrivateKey(rsa2048),
    cert: serverCertificate(rsa2048).pem,
  }, (socket) => socket.on("error", () => {}).pipe(socket));
  return server.listen(0, "127.0.0.1");
}
