/**
 * Sends a file and shows the progress. `fesa serve --receive-dir` also receives it: `fesa connect --send` uses the same messages.
 *
 *     npx tsx examples/file_transfer/client.ts FILE [PORT]        (while file_transfer/server.ts runs)
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { createReadStream, readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import process from "node:process";
import { connect } from "@fesa/channel";
import { dial } from "@fesa/channel/node";

const [file, port = "4433"] = process.argv.slice(2);
const secret = Buffer.from(readFileSync("keys/secret", "utf8"), "hex");
await using channel = await connect(await dial({ host: "localhost", port: Number(port) }), {
  security: { setting: "native", secret },
});

const { size } = statSync(file);
const hash = createHash("sha256");
let sent = 0;
await channel.send(JSON.stringify({ fesa: "file/1", name: basename(file), size }));
for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 })) {
  await channel.send(chunk); // waits for the network, so that the memory does not fill
  hash.update(chunk);
  sent += chunk.length;
  process.stdout.write(
    `\r${"█".repeat(30 * sent / size).padEnd(30, "░")} ${Math.floor(100 * sent / size)} %`,
  );
}

const answer = await channel.receive();
const { sha256, error } = JSON.parse(new TextDecoder().decode(answer ?? undefined));
if (sha256 !== hash.digest("hex")) throw new Error(error ?? "what arrived is not what was sent");
console.log(`\nSHA-256 ${sha256} at both ends`);
