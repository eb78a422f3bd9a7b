/** The application server: sends messages back, and receives files. */
import { createHash } from "node:crypto";
import type { Channel } from "@fesa/channel";
import { encodeReceipt, readAnnouncement } from "./file_messages.ts";

/** Serves one client until it closes, or the server does. */
export async function converse(channel: Channel, closing: AbortSignal): Promise<void> {
  closing.addEventListener("abort", () => void channel.close()); // a failure ends the loop, too
  for await (const message of channel) {
    const announced = readAnnouncement(message);
    await channel.send(announced ? await takeFile(channel, announced.size) : message);
  }
}

/** Receives the messages of a file, and returns the receipt. */
async function takeFile(channel: Channel, size: number): Promise<Uint8Array> {
  const hash = createHash("sha256");
  let taken = 0;
  while (taken < size) {
    const piece = await channel.receive();
    if (piece === null) throw new Error("the client closed within a file");
    hash.update(piece);
    taken += piece.length;
  }
  return encodeReceipt({ size: taken, sha256: hash.digest("hex") });
}
