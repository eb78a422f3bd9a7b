/**
 * A client on Deno that shares a secret with its server. Its transport is Deno's own connection.
 *
 *     deno run -A examples/deno/client.ts [PORT]        (while deno/server.ts runs)
 */
import { connect } from "@fesa/channel";

const secret = Uint8Array.fromHex(await Deno.readTextFile("keys/secret"));
const transport = await Deno.connect({ hostname: "localhost", port: Number(Deno.args[0] ?? 4433) });
await using channel = await connect(transport, { security: { setting: "native", secret } });

await channel.send("hello from Deno");
const answer = await channel.receive();
if (answer) console.log(`${new TextDecoder().decode(answer)}, by ${channel.info.protocol}`);
