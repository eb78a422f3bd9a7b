/**
 * A client on Bun that trusts its server's key by its pin.
 *
 *     bun examples/bun/client.ts [PORT]        (while bun/server.ts runs)
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { connect, pin } from "@fesa/channel";
import { dial } from "@fesa/channel/bun";

const trust = pin(readFileSync("keys/pin", "utf8"));
const transport = await dial({ host: "localhost", port: Number(process.argv[2] ?? 4433) });
await using channel = await connect(transport, { security: { setting: "key", trust } });

await channel.send("hello from Bun");
const answer = await channel.receive();
if (answer) console.log(`${new TextDecoder().decode(answer)}, by ${channel.info.cipherSuite}`);
