/**
 * Asks one of these servers for its page, and opens a channel to it that trusts only the server's key.
 *
 *     npx tsx examples/http/client.ts [PORT]
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { connect, pin } from "@fesa/channel";
import { dialWebSocket } from "@fesa/channel/node";

const host = `127.0.0.1:${process.argv[2] ?? 8000}`;
console.log((await (await fetch(`http://${host}/`)).text()).trim());

await using channel = await connect(await dialWebSocket(`ws://${host}/channel`), {
  security: { setting: "key", trust: pin(readFileSync("keys/pin", "utf8")) },
});
await channel.send("hello by a channel");
console.log(new TextDecoder().decode((await channel.receive())!));
