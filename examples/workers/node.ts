/**
 * A server that spreads its connections over processes with `node:cluster`: they share one port.
 *
 *     npx tsx examples/workers/node.ts [PORT [WORKERS]]
 */
import "../keys_if_missing.ts";
import cluster from "node:cluster";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import process from "node:process";
import { serve } from "@fesa/channel";
import { listen } from "@fesa/channel/node";

if (cluster.isPrimary) {
  const count = Number(process.argv[3] ?? availableParallelism());
  for (let i = 0; i < count; i++) cluster.fork();
  let listening = 0;
  cluster.on("listening", (_worker, { port }) => {
    if (++listening === count) console.log(`listening on port ${port}`);
  });
  process.once("SIGINT", () => {
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill("SIGINT");
  });
} else {
  const key = readFileSync("keys/key.pem", "utf8");
  const listener = await listen({ port: Number(process.argv[2] ?? 4433) });
  const server = serve(listener, { security: [{ setting: "key", key }] }, async (channel) => {
    for await (const _ of channel) await channel.send(`answered by process ${process.pid}`);
  });
  process.once("SIGINT", async () => {
    await server.close();
    cluster.worker?.disconnect();
  });
}
