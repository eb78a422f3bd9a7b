/** What a server's process holds for channels that do nothing. */
import { once } from "node:events";
import process from "node:process";
import { connect as connectNodeTls } from "node:tls";
import { type Row, table } from "./_kit.ts";
import { Server } from "./_load_process.ts";

/** How many channels; `FESA_IDLE_CHANNELS` has another list. */
const COUNTS: readonly number[] = (process.env.FESA_IDLE_CHANNELS ?? "1000,2500,5000,10000").split(",").map(
  Number,
);

/** Measures the KiB for each channel, by the kind of channel. */
export async function idleMemory(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const kind of ["native", "certificate", "node:tls"] as const) {
    const row: Record<string, string | number> = { kind };
    const server = await Server.start();
    const { nodeTlsPort, root } = server.address;
    const held: { destroy(): void }[] = [];
    const hold = async () => {
      if (kind === "node:tls") {
        const socket = connectNodeTls({
          port: nodeTlsPort,
          host: "127.0.0.1",
          ca: root,
          servername: "localhost",
        });
        await once(socket, "secureConnect");
        held.push(socket);
      } else {
        const channel = await server.connect(kind);
        held.push({ destroy: () => void channel.abort() });
      }
    };
    for (let i = 0; i < 50; i++) await hold();
    const before = await server.memory();
    for (const count of COUNTS) {
      while (held.length < count + 50) await Promise.all(Array.from({ length: 10 }, hold));
      const { resident, heap } = await server.memory();
      row[`${count} of them`] = (resident - before.resident) / count / 1024;
      if (count === COUNTS.at(-1)) row["of which heap"] = (heap - before.heap) / count / 1024;
    }
    server.stop();
    held.forEach((one) => one.destroy());
    rows.push(row);
  }
  table(rows);
  return rows;
}
