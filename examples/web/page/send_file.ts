/** Sends a file over a connection, piece by piece. */
import { sha256 } from "@noble/hashes/sha2.js";
import { encodeAnnouncement, readReceipt } from "../file_messages.ts";
import type { Connection } from "./connection.ts";
import { hex } from "./format.ts";

const PIECE = 64 * 1024;

/** The result of sending a file. */
export interface Delivery {
  /** The SHA-256 of what was sent. */
  readonly sent: string;
  /** The SHA-256 of what the server received. */
  readonly taken: string;
}

/** Sends the file, reports how many bytes the transport has accepted, and waits for the server's receipt. */
export async function sendFile(
  { channel, receive }: Connection,
  file: Blob,
  progress: (sent: number) => void = () => {},
): Promise<Delivery> {
  const hash = sha256.create(); // not crypto.subtle, which a page on plain http does not have
  await channel.send(encodeAnnouncement({ size: file.size }));
  for (let start = 0; start < file.size; start += PIECE) {
    const piece = new Uint8Array(await file.slice(start, start + PIECE).arrayBuffer());
    hash.update(piece);
    await channel.send(piece);
    progress(start + piece.length);
  }
  const receipt = await receive();
  if (receipt === null) throw new Error("the server closed before it took the file");
  return { sent: hex(hash.digest()), taken: readReceipt(receipt).sha256 };
}
