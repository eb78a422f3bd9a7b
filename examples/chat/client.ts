/**
 * A member of the chat: sends each line of standard input, and prints the others' messages.
 *
 *     npx tsx examples/chat/client.ts NAME [PORT]        (while chat/server.ts runs)
 */
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";
import { connect } from "@fesa/channel";
import { dial } from "@fesa/channel/node";

const [name, port = "4433"] = process.argv.slice(2);
const secret = Buffer.from(readFileSync("keys/secret", "utf8"), "hex");
const channel = await connect(await dial({ host: "localhost", port: Number(port) }), {
  security: { setting: "native", secret },
});

const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => channel.send(`${name}: ${line}`));
lines.on("close", () => channel.close());

for await (const message of channel) console.log(new TextDecoder().decode(message));
lines.close(); // the server has ended the chat
