/**
 * A client that reconnects: it sends the server a message every second, even after the server has restarted.
 *
 *     npx tsx examples/node/reconnecting.ts [PORT]        (while node/server.ts runs)
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { connect, reconnecting } from "@fesa/channel";
import { dial } from "@fesa/channel/node";

const port = Number(process.argv[2] ?? 4433);
const roots = readFileSync("keys/root.pem", "utf8");

const client = reconnecting(async (signal) => {
  const transport = await dial({ host: "localhost", port, signal });
  const security = { setting: "certificate", roots, serverName: "localhost" } as const;
  return await connect(transport, { security, signal, keepAlive: 30_000, idleTimeout: 90_000 });
}, {
  onState(event) {
    if (event.state !== "waiting") return console.log(event.state);
    console.log(
      `again in ${event.milliseconds} ms, since ${event.error ?? "the server has ended the channel"}`,
    );
    if (event.unconfirmed > 0) {
      console.log(`${event.unconfirmed} messages may or may not have arrived`);
    }
  },
});

let asked = 0;
const asking = setInterval(() => {
  const question = `question ${++asked}`;
  client.send(question, { timeout: 5_000 }).catch((error) => console.log(`${question}: ${error}`));
}, 1_000);
process.once("SIGINT", () => void client.close());

for await (const message of client) console.log(new TextDecoder().decode(message));
clearInterval(asking);
