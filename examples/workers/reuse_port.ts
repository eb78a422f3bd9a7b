/**
 * A server with several processes that listen on the same port; the system spreads the connections. For Bun, Node 22.12 or
 * later, and Deno (`deno run -A` instead of `bun`), on Linux. Deno's workers need `--unstable-net` for it.
 *
 *     bun examples/workers/reuse_port.ts [PORT [WORKERS]]
 */
import "../keys_if_missing.ts";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import process from "node:process";
import { serve } from "@fesa/channel";
import * as bun from "@fesa/channel/bun";
import * as deno from "@fesa/channel/deno";
import * as node from "@fesa/channel/node";

const [port = "4433", count = String(availableParallelism()), role] = process.argv.slice(2);

if (role === "worker") {
  const { listen } = "Bun" in globalThis ? bun : "Deno" in globalThis ? deno : node;
  const key = readFileSync("keys/key.pem", "utf8");
  const listener = await listen({ port: Number(port), reusePort: true });
  const server = serve(listener, { security: [{ setting: "key", key }] }, async (channel) => {
    for await (const _ of channel) await channel.send(`answered by process ${process.pid}`);
  });
  console.log("ready");
  process.once("SIGINT", () => server.close());
} else {
  // A fixed port: with 0 each worker would take a different one.
  const words = [...process.execArgv, process.argv[1], port, count, "worker"];
  const run = "Deno" in globalThis ? ["run", "-A", "--unstable-net", ...words] : words;
  const workers = Array.from(
    { length: Number(count) },
    () => spawn(process.execPath, run, { stdio: ["ignore", "pipe", "inherit"] }),
  );
  await Promise.all(workers.map((worker) => new Promise((ready) => worker.stdout.once("data", ready))));
  console.log(`listening on port ${port}`);
  process.once("SIGINT", () => workers.forEach((worker) => worker.kill("SIGINT")));
}
