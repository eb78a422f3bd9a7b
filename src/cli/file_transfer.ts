/**
 * Sends files through a channel. The first message is JSON: `{ "fesa": "file/1", "name": …, "size": … }`. The file's
 * `size` bytes follow, in messages of any length. The receiver answers once, in JSON too: `{ "sha256": … }` over what it
 * has written, or `{ "error": … }`, which may come at any time. Then another file may follow.
 */

import { createReadStream } from "node:fs";
import { type FileHandle, stat } from "node:fs/promises";
import { basename } from "node:path";
import { fromUtf8, toHex } from "../bytes.ts";
import type { Channel } from "../channel/channel.ts";
import { sha256 } from "../crypto/hash.ts";
import { reason } from "./files.ts";
import type { Inbox } from "./server/inbox.ts";

const PROTOCOL = "file/1";

/** Bytes of the file in one message. */
const CHUNK = 256 * 1024;

/** The longest header or answer, in bytes. */
const TEXT_LIMIT = 4096;

/** A file that arrived completely. */
export interface Transferred {
  readonly name: string;
  readonly size: number;
  /** The digest of its bytes, in hexadecimal. */
  readonly sha256: string;
}

/** Sends a file and compares the receiver's digest with its own; calls `onProgress` with the bytes sent so far. */
export async function sendFile(
  channel: Channel,
  path: string,
  onProgress: (sent: number, size: number) => void,
): Promise<Transferred> {
  const size = await fileSize(path);
  const name = basename(path);
  await channel.send(JSON.stringify({ fesa: PROTOCOL, name, size }));
  const answer = channel.receive().then(readAnswer);
  const [ours, theirs] = await Promise.all([sendContents(channel, path, size, answer, onProgress), answer]);
  if (ours !== theirs) throw new Error(`what arrived is not what was sent: SHA-256 ${theirs}, not ${ours}`);
  return { name, size, sha256: ours };
}

/** Returns the size of a file to send; throws if there is no such file. */
export async function fileSize(path: string): Promise<number> {
  const about = await stat(path).catch((error) => {
    throw new Error(`cannot read ${path}: ${reason(error)}`);
  });
  if (!about.isFile()) throw new Error(`cannot read ${path}: it is not a file`);
  return about.size;
}

/** Sends the file's bytes and returns their SHA-256; stops if an answer comes early, which is a refusal. */
async function sendContents(
  channel: Channel,
  path: string,
  size: number,
  answer: Promise<unknown>,
  onProgress: (sent: number, size: number) => void,
): Promise<string> {
  const hash = sha256.create();
  let sent = 0;
  let stopped = false;
  const stop = () => void (stopped = true);
  answer.then(stop, stop);
  const chunks: AsyncIterable<Uint8Array> = createReadStream(path, { highWaterMark: CHUNK });
  for await (const chunk of chunks) {
    if (stopped) break;
    sent += chunk.length;
    hash.update(chunk);
    await channel.send(chunk).catch(stop); // the answer, or its absence, says why
    onProgress(sent, size);
  }
  if (!stopped && sent !== size) throw new Error(`${path} changed while it was sent`);
  return toHex(hash.digest());
}

function readAnswer(message: Uint8Array | null): string {
  if (message === null) throw new Error("the server closed before it had received the file");
  const { sha256, error } = parseObject(message) ?? {};
  if (typeof error === "string") throw new Error(`the server refuses the file: ${error}`);
  if (typeof sha256 !== "string") throw new Error("the server does not receive files");
  return sha256;
}

/**
 * Receives files, one after the other, until the peer closes; a refusal ends the channel. If the peer does not send files,
 * and so would not understand a refusal, throws and leaves the channel open.
 */
export async function receiveFiles(
  channel: Channel,
  inbox: Inbox,
  onFile: (file: Transferred) => Promise<void>,
): Promise<void> {
  for (let first = await channel.receive(); first !== null; first = await channel.receive()) {
    const header = parseObject(first);
    if (header?.fesa !== PROTOCOL) {
      throw new Error("the client does not send files as fesa connect --send does");
    }
    try {
      const file = await receiveFile(channel, header, inbox);
      await channel.send(JSON.stringify({ sha256: file.sha256 }));
      await onFile(file);
    } catch (error) {
      await channel.send(JSON.stringify({ error: reason(error) })).catch(() => {});
      await channel.readable.cancel().catch(() => {}); // discards the rest of the file
      throw error;
    }
  }
}

async function receiveFile(
  channel: Channel,
  { name, size }: Record<string, unknown>,
  inbox: Inbox,
): Promise<Transferred> {
  if (typeof name !== "string") throw new Error("the file's name is not allowed");
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) {
    throw new Error("the file's size is not a whole number");
  }
  return {
    name,
    size,
    sha256: await inbox.store(name, size, (file) => receiveContents(channel, file, size)),
  };
}

async function receiveContents(channel: Channel, file: FileHandle, size: number): Promise<string> {
  const hash = sha256.create();
  for (let left = size; left > 0;) {
    const chunk = await channel.receive();
    if (chunk === null) throw new Error("the client closed before the end of the file");
    if (chunk.length > left) throw new Error("more bytes arrived than were announced");
    left -= chunk.length;
    hash.update(chunk);
    await file.writeFile(chunk); // continues after the previous chunk
  }
  return toHex(hash.digest());
}

function parseObject(message: Uint8Array): Record<string, unknown> | null {
  if (message.length > TEXT_LIMIT) return null;
  try {
    const value: unknown = JSON.parse(fromUtf8(message));
    return typeof value === "object" ? value as Record<string, unknown> | null : null;
  } catch {
    return null;
  }
}
