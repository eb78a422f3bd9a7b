/** Run by webtransport_deno_test.ts in Deno with the flag for QUIC. */
import { readFileSync } from "node:fs";
import process from "node:process";
import { connect, serve, type Transport } from "../../mod.ts";
import { fromBase64 } from "../../src/bytes.ts";
import { assert, channelError } from "../_kit/mod.ts";

interface Session {
  readonly ready: Promise<void>;
  readonly incomingBidirectionalStreams: ReadableStream<Transport>;
  createBidirectionalStream(): Promise<Transport>;
  close(): void;
}

interface Quic {
  readonly Deno: {
    readonly QuicEndpoint: new (where: object) => {
      readonly addr: { readonly port: number };
      listen(options: object): { accept(): Promise<unknown> };
      close(): void;
    };
    upgradeWebTransport(conn: unknown): Promise<Session>;
  };
  readonly WebTransport: new (url: string, options: object) => Session;
}

const { Deno, WebTransport } = globalThis as unknown as Quic;
const [cert, key] = process.argv.slice(2).map((path) => readFileSync(path, "utf8"));
const der = fromBase64(cert.replace(/-----[^-]+-----|\s/g, "")) as Uint8Array<ArrayBuffer>;
const hash = { algorithm: "sha-256", value: await crypto.subtle.digest("SHA-256", der) };

const endpoint = new Deno.QuicEndpoint({ hostname: "127.0.0.1", port: 0 });
const listening = endpoint.listen({ cert, key, alpnProtocols: ["h3"] });
const accepted = listening.accept().then((conn) => Deno.upgradeWebTransport(conn));
const client = new WebTransport(`https://localhost:${endpoint.addr.port}/`, {
  serverCertificateHashes: [hash],
});
await client.ready;
const peer = await accepted;
await peer.ready;
const security = { setting: "native", secret: new Uint8Array(32).fill(7) } as const;
const errors: string[] = [];
const streams = peer.incomingBidirectionalStreams;
const listener = { [Symbol.asyncIterator]: () => streams[Symbol.asyncIterator](), close: () => {} };
const server = serve(listener, {
  security: [security],
  onError: (error) => void errors.push((error as { code: string }).code),
}, async (channel) => {
  for await (const message of channel) await channel.send(message);
});
const channel = await connect(await client.createBidirectionalStream(), { security });
const message = new Uint8Array(500_000).map((_, i) => i * 31 + (i >> 8));
for (let i = 0; i < 3; i++) {
  await channel.send(message);
  assert.deepEqual(await channel.receive(), message);
}
await channel.close();
await channel.closed;
assert.deepEqual(errors, []);

// If no reader reads from a stream, QUIC applies backpressure to the writer.
const held = (await client.createBidirectionalStream()).writable.getWriter();
let taken = 0;
const filling = (async () => {
  for (; taken < 100_000_000; taken += 50_000) await held.write(new Uint8Array(50_000));
})();
filling.catch(() => {}); // the session's end
for (let before = 0; taken === 0 || taken > before;) {
  before = taken;
  await new Promise((resolve) => setTimeout(resolve, 300));
}
assert.ok(taken < 20_000_000, `${taken} bytes were taken`);

const cut = await connect(await client.createBidirectionalStream(), { security });
await cut.send("x");
await cut.receive();
peer.close();
await channelError(() => cut.receive(), "transport");
await channelError(() => cut.send("y"), "transport");
await server.close();
console.log("all went well");
endpoint.close();
process.exit(0); // what the QUIC endpoint holds open is Deno's
