/**
 * Receives files into the folder inbox/, from file_transfer/client.ts or `fesa connect --send`.
 *
 *     npx tsx examples/file_transfer/server.ts [PORT]
 */
import "../keys_if_missing.ts";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { basename, join } from "node:path";
import process from "node:process";
import { serve } from "@fesa/channel";
import { listen } from "@fesa/channel/node";

mkdirSync("inbox", { recursive: true });
const secret = Buffer.from(readFileSync("keys/secret", "utf8"), "hex");
const listener = await listen({ port: Number(process.argv[2] ?? 4433) });
const server = serve(listener, {
  security: [{ setting: "native", secret }],
  onError: (error) => console.error(String(error)),
}, async (channel) => {
  const header = await channel.receive();
  if (header === null) return;
  const { name, size } = JSON.parse(new TextDecoder().decode(header));
  const file = await open(join("inbox", basename(name)), "wx"); // takes no path from the client, and overwrites nothing
  const hash = createHash("sha256");
  try {
    for (let received = 0; received < size;) {
      const chunk = await channel.receive();
      if (chunk === null) throw new Error(`${name}: the client closed before its end`);
      await file.appendFile(chunk);
      hash.update(chunk);
      received += chunk.length;
    }
  } finally {
    await file.close();
  }
  await channel.send(JSON.stringify({ sha256: hash.digest("hex") }));
  console.log(`received ${name}: ${size} bytes, ${channel.stats.wireReceived} on the wire`);
});
console.log(`listening on port ${listener.port}`);

process.once("SIGINT", () => server.close());
