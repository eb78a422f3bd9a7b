/** Run by load.ts: accepts every client and all data, and reports how long its event loop was blocked and its memory. */
import process from "node:process";
import { createServer } from "node:tls";
import type { AddressInfo } from "node:net";
import { exportPrivateKey } from "../src/x509/mod.ts";
import { serve } from "../mod.ts";
import { listen } from "../src/transport/node.ts";
import { identity } from "./_loopback.ts";
import { LoopWatch } from "./_thread_time.ts";

/** A request to this process. */
export type Question = "figures" | "memory";

/** The memory of this process in bytes. */
export interface Memory {
  readonly resident: number;
  /** The JavaScript heap, with buffers. */
  readonly heap: number;
}

/** The data that a client needs to connect. */
export interface Address {
  readonly port: number;
  readonly nodeTlsPort: number;
  /** The certificate, PEM, and the secret of the native setting. */
  readonly root: string;
  readonly secret: string;
}

const { key, certificate } = await identity();
const secret = crypto.getRandomValues(new Uint8Array(32));
const listener = await listen();
const security = [
  { setting: "certificate", key, certificates: [certificate] },
  { setting: "native", secret },
  { setting: "off", compression: "message" },
] as const;
const options = { security, maxConnections: Infinity, handshakeTimeout: 0, onError: () => {} };
serve(listener, options, async (channel) => {
  for await (const _ of channel);
});

const nodeTls = createServer({ key: exportPrivateKey(key), cert: certificate.pem }, (socket) => {
  socket.resume().on("error", () => {});
});
await new Promise<void>((resolve) => nodeTls.listen(0, "127.0.0.1", () => resolve()));

const loop = new LoopWatch();

process.on("message", async (asked: Question) => {
  process.send!(asked === "figures" ? loop.figures() : await memory());
});
const address: Address = {
  port: listener.port,
  nodeTlsPort: (nodeTls.address() as AddressInfo).port,
  root: certificate.pem,
  secret: Array.from(secret).join(),
};
process.send!(address);
process.once("disconnect", () => process.exit());

/** Measures the memory some time after garbage collection, which returns pages to the system with a delay. */
async function memory(): Promise<Memory> {
  for (let i = 0; i < 4; i++) {
    (globalThis as { gc?: () => void }).gc!();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { resident: rss, heap: heapUsed + external };
}
