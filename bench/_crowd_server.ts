/** Run by crowd.ts: a server with the default limits. */
import process from "node:process";
import { serve } from "../mod.ts";
import { listen } from "../src/transport/node.ts";
import { identity } from "./_loopback.ts";

const { key, certificate } = await identity();
const listener = await listen();
const security = [{ setting: "certificate", key, certificates: [certificate] }] as const;
let taken = 0;
const server = serve(listener, {
  security,
  onError: () => {},
  onEvent: ({ type }) => {
    if (type === "opened") taken++;
  },
}, async (channel) => {
  for await (const message of channel) await channel.send(message);
});

process.on("message", async (asked: "work" | "memory" | "drain") => {
  if (asked === "work") {
    const { user, system } = process.cpuUsage();
    process.send!({ taken, worked: (user + system) / 1000 });
  } else if (asked === "memory") {
    for (let i = 0; i < 4; i++) {
      (globalThis as { gc?: () => void }).gc!();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    process.send!({ connections: server.connections, resident: process.memoryUsage().rss });
  } else {
    const begun = performance.now();
    await server.close();
    process.send!({ milliseconds: performance.now() - begun });
    process.disconnect!();
  }
});
process.send!({ port: listener.port, root: certificate.pem });
process.once("disconnect", () => process.exit());
