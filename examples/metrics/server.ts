/**
 * A server with metrics for Prometheus, and with health checks.
 *
 *     npx tsx examples/metrics/server.ts [PORT [METRICS_PORT]]
 */
import "../keys_if_missing.ts";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { Counter, Gauge, Histogram, register } from "prom-client";
import { serve } from "@fesa/channel";
import { listen } from "@fesa/channel/node";

const certificates = readFileSync("keys/certificate.pem", "utf8");
const key = readFileSync("keys/key.pem", "utf8");

const ended = new Counter({
  name: "fesa_connections_ended_total",
  help: "Connections that have ended.",
  labelNames: ["setting", "reason"],
});
const bytes = new Counter({
  name: "fesa_bytes_total",
  help: "Bytes on the wire.",
  labelNames: ["direction"],
});
const handshakes = new Histogram({
  name: "fesa_handshake_seconds",
  help: "Duration of handshakes.",
  labelNames: ["setting"],
  buckets: [0.003, 0.01, 0.03, 0.1, 0.3, 1, 3],
});

const listener = await listen({ port: Number(process.argv[2] ?? 4433) });
const server = serve(listener, {
  security: [{ setting: "certificate", certificates, key }],
  onEvent({ type, channel, reason }) {
    const setting = channel?.info.setting ?? "none"; // the handshake failed
    if (type === "established") handshakes.observe({ setting }, channel!.info.handshake.milliseconds / 1000);
    if (type !== "ended") return;
    ended.inc({ setting, reason });
    bytes.inc({ direction: "in" }, channel?.stats.wireReceived ?? 0);
    bytes.inc({ direction: "out" }, channel?.stats.wireSent ?? 0);
  },
}, async (channel) => {
  for await (const message of channel) await channel.send(message);
});

new Gauge({
  name: "fesa_connections",
  help: "Connections now.",
  collect() {
    this.set(server.connections);
  },
});

let isReady = true;
const http = createServer(async ({ url }, response) => {
  if (url === "/metrics") return response.end(await register.metrics());
  // The server is live while it answers, and ready until it is told to end.
  response.writeHead(url === "/live" || url === "/ready" && isReady ? 200 : 503).end();
});
http.listen(Number(process.argv[3] ?? 9464), "127.0.0.1", () => {
  const { port } = http.address() as AddressInfo;
  console.log(`metrics on http://127.0.0.1:${port}/metrics`);
  console.log(`listening on port ${listener.port}`);
});

process.once("SIGINT", async () => {
  isReady = false;
  await server.close({ grace: 30_000 });
  http.close();
});
