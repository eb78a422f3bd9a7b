/**
 * A chat: anyone with the secret may join, and each message goes to all other members.
 *
 *     npx tsx examples/chat/server.ts [PORT]
 */
import "../keys_if_missing.ts";
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import process from "node:process";
import { serve } from "@fesa/channel";
import { listen } from "@fesa/channel/node";

const members = new Set<WritableStreamDefaultWriter<Uint8Array | string>>();

const secret = Buffer.from(readFileSync("keys/secret", "utf8"), "hex");
const security = [{ setting: "native", secret }] as const;
const listener = await listen({ port: Number(process.argv[2] ?? 4433) });
const server = serve(listener, { security }, async (channel, { closing }) => {
  const member = channel.writable.getWriter();
  closing.addEventListener("abort", () => member.close().catch(() => {}));
  members.add(member);
  try {
    for await (const message of channel) {
      for (const other of members) {
        if (other === member) continue;
        if (other.desiredSize! < -100) other.abort(); // a member that does not read must not fill the memory
        else other.write(message).catch(() => {}); // has just left
      }
    }
  } finally {
    members.delete(member);
  }
});
console.log(`listening on port ${listener.port}`);

process.once("SIGINT", () => server.close());
