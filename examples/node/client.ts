/**
 * A client on Node that trusts the certificates of one CA.
 *
 *     npx tsx examples/node/client.ts [PORT]        (while node/server.ts runs)
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { connect } from "@fesa/channel";
import { dial } from "@fesa/channel/node";

const roots = readFileSync("keys/root.pem", "utf8");
const transport = await dial({ host: "localhost", port: Number(process.argv[2] ?? 4433) });
await using channel = await connect(transport, {
  security: { setting: "certificate", roots, serverName: "localhost" },
});

await channel.send("hello from Node");
const answer = await channel.receive();
if (answer) console.log(`${new TextDecoder().decode(answer)}, by ${channel.info.cipherSuite}`);
