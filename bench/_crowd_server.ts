/** Run by crowd.ts: a server with the default limits. */
import process from "node:process";
import { serve } from "../mod.ts";
import { listen } from "../src/transport/node.ts";
import { identity } from "./_loopback.ts";

const { key, certificate } = await identity();
const listener = await listen();
const security = [{ setting: "certificate", key, certificates: [certificate] }] as const;
const ends: Record<string, number> = {};
const server = serve(listener, {
  security,
  onError: () => {},
  onEvent: ({ type, reason }) => {
    if (type === "ended") ends[reason!] = (ends[reason!] ?? 0) + 1;
  },
}, async (channel) => {
  for await (const message of channel) await channel.send(message);
});

process.on("message", async (asked: "figures" | "drain") => {
  if (asked === "drain") {
    const begun = performance.now();
    await server.close();
    process.send!({ milliseconds: performance.now() - begun, ends });
    process.disconnect!();
    return;
  }
  for (let i = 0; i < 4; i++) {
    (globalThis as { gc?: () => void }).gc!();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  process.send!({ resident: process.memoryUsage().rss, connections: server.connections });
});
process.send!({ port: listener.port, root: certificate.pem });
process.once("disconnect", () => process.exit());
