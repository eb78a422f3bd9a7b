/** Run by load.ts: serves whoever comes, takes everything, and tells how long its event loop was held up. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import process from "node:process";
import { serve } from "../mod.ts";
import { listen } from "../src/transport/node.ts";
import { identity } from "./_loopback.ts";

const { key, certificate } = await identity();
const listener = await listen();
const security = [
  { setting: "certificate", key, certificates: [certificate] },
  { setting: "off", compression: "message" },
] as const;
serve(listener, { security, onError: () => {} }, async (channel) => {
  for await (const _ of channel);
});

const delays = monitorEventLoopDelay({ resolution: 1 });

/** The most processor time between two timers of a millisecond: what else the machine does is not in it. */
let busiest = 0;
let before = process.cpuUsage();
function tick(): void {
  const { user, system } = process.cpuUsage(before);
  busiest = Math.max(busiest, (user + system) / 1000);
  before = process.cpuUsage();
  setTimeout(tick, 1);
}
tick();

process.on("message", (asked) => {
  if (asked === "begin") {
    delays.enable();
    busiest = 0;
    return delays.reset();
  }
  process.send!({ longest: delays.max / 1e6, busiest }, () => process.exit());
});
process.send!({ port: listener.port, root: certificate.pem });
process.once("disconnect", () => process.exit());
