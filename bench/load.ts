/** How long one turn of a server's event loop lasts under loads that try to hold it, and who else gets in meanwhile. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { deflateRawSync } from "node:zlib";
import { connect, type ConnectSecurity } from "../mod.ts";
import { frameParts } from "../src/message/frame.ts";
import { concat } from "../src/bytes.ts";
import { connectOff } from "../src/off/session.ts";
import { dial } from "../src/transport/node.ts";
import { Wire } from "../src/wire.ts";
import { table } from "./_kit.ts";

export const name = "Loads on the event loop";

/** How long each load goes on, in milliseconds. */
const DURATION = 3_000;

const BOMB = concat(
  ...frameParts({ flags: 1, payload: new Uint8Array(deflateRawSync(new Uint8Array(2 ** 24))) }),
);
const EMPTY_MESSAGES = new Uint8Array(60_000); // 12,000 frames of nothing

interface Loaded {
  readonly port: number;
  readonly certificate: ConnectSecurity;
}

/** A client that sends until it is told to stop. */
type Client = (server: Loaded, stopped: AbortSignal) => Promise<void>;

const upload: Client = async ({ port, certificate }, stopped) => {
  const channel = await connect(await dial({ host: "127.0.0.1", port }), { security: certificate });
  const message = Uint8Array.from({ length: 65_536 }, (_, i) => i * 31 >> 3);
  while (!stopped.aborted) await channel.send(message);
  await channel.abort();
};

const raw = (bytes: Uint8Array): Client => async ({ port }, stopped) => {
  const session = await connectOff(new Wire(await dial({ host: "127.0.0.1", port })), { mode: "message" });
  while (!stopped.aborted) await session.write([bytes]);
};

export async function run(): Promise<void> {
  const rows = [];
  for (
    const [load, clients] of [
      ["none", []],
      ["8 uploads", Array(8).fill(upload)],
      ["one sender of 16 MiB deflate bombs", [raw(BOMB)]],
      ["one sender of empty messages", [raw(EMPTY_MESSAGES)]],
    ] as const
  ) rows.push({ load, ...await measured(clients) });
  table(rows);
}

async function measured(clients: readonly Client[]): Promise<Record<string, number>> {
  const child = fork(fileURLToPath(new URL("./_load_server.ts", import.meta.url)));
  const [{ port, root }] = await once(child, "message");
  const server: Loaded = {
    port,
    certificate: { setting: "certificate", roots: root, serverName: "localhost" },
  };
  const stop = new AbortController();
  child.send("begin");
  for (const client of clients) client(server, stop.signal).catch(() => {}); // the server ends first
  const begun = performance.now();
  const waits: number[] = [];
  while (performance.now() - begun < DURATION) {
    const asked = performance.now();
    const channel = await connect(await dial({ host: "127.0.0.1", port }), { security: server.certificate });
    waits.push(performance.now() - asked);
    await channel.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.send("end");
  const [{ longest, busiest }] = await once(child, "message");
  stop.abort();
  waits.sort((a, b) => a - b);
  return {
    "longest turn, ms": longest,
    "of the processor's time": busiest,
    "a newcomer's handshake, ms (median)": waits[waits.length >> 1],
  };
}
