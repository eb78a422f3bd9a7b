/** Measures the memory of a server's idle channels. */
import { once } from "node:events";
import process from "node:process";
import { connect as connectNodeTls, type TLSSocket } from "node:tls";
import type { Row } from "./_kit.ts";
import { Server } from "./_load_process.ts";

/** The numbers of channels, which `FESA_IDLE_CHANNELS` can change. */
const COUNTS: readonly number[] = (process.env.FESA_IDLE_CHANNELS ?? "1000,2500,5000,10000").split(",").map(
  Number,
);

/** The kinds of channels that are measured. */
export const IDLE_KINDS = ["native", "certificate", "node:tls"] as const;

/** Measures the KiB that a server holds for each channel of one kind. */
export async function idleMemory(kind: typeof IDLE_KINDS[number]): Promise<Row> {
  const row: Record<string, string | number> = { kind };
  const server = await Server.start();
  const held: (() => void)[] = [];
  const hold = async () => {
    if (kind === "node:tls") {
      const socket = await connectedTo(server);
      held.push(() => socket.destroy());
    } else {
      const channel = await server.connect(kind);
      held.push(() => void channel.abort());
    }
  };
  for (let i = 0; i < WARM_UP; i++) await hold();
  const before = await server.memory();
  for (const count of COUNTS) {
    while (held.length < count + WARM_UP) await Promise.all(Array.from({ length: 10 }, hold));
    const { resident, heap } = await server.memory();
    row[`${count} of them`] = (resident - before.resident) / count / 1024;
    if (count === COUNTS.at(-1)) row["of which heap"] = (heap - before.heap) / count / 1024;
  }
  server.stop();
  held.forEach((drop) => drop());
  return row;
}

/** The number of channels that are opened before measuring, since the first ones load and compile code. */
const WARM_UP = 50;

async function connectedTo({ address: { nodeTlsPort: port, root: ca } }: Server): Promise<TLSSocket> {
  const socket = connectNodeTls({ port, host: "127.0.0.1", ca, servername: "localhost" });
  await once(socket, "secureConnect");
  return socket;
}
