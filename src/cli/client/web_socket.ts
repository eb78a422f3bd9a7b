/** The options of `fesa connect` for the WebSocket that carries the channel. */

import type { DialWebSocketOptions } from "../../transport/node.ts";
import { checkOpening } from "../../transport/websocket/handshake.ts";
import { type Arguments, type Io, usage, UsageError } from "../command.ts";
import { readRoots } from "../credentials/read.ts";
import { readTextFile } from "../files.ts";

/** Reads `--header` and `--wss-roots`, which are for servers at `ws://…` and `wss://…`. */
export async function webSocketOptions(
  server: string,
  args: Arguments,
  io: Io,
): Promise<Pick<DialWebSocketOptions, "ca" | "headers">> {
  const [, scheme] = /^(wss?):\/\//.exec(server) ?? [];
  if (args.has("header") && scheme === undefined) throw new UsageError("--header is for ws:// and wss://");
  if (args.has("wss-roots") && scheme !== "wss") throw new UsageError("--wss-roots is for wss://");
  const headers = parseHeaders((await Promise.all(args.list("header").map(headerLines))).flat());
  const roots = args.text("wss-roots");
  if (roots === undefined) return { headers };
  return { headers, ca: (await readRoots(roots, args, io)).map(({ pem }) => pem) };
}

/** Returns the value of one `--header`, or the lines of its file, which other users cannot see in the list of processes. */
async function headerLines(value: string): Promise<string[]> {
  if (!value.startsWith("@")) return [value];
  return (await readTextFile(value.slice(1))).split(/\r?\n/).filter((line) => line !== "");
}

function parseHeaders(lines: readonly string[]): Readonly<Record<string, string>> {
  const fields = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon < 1) throw new UsageError("--header is 'NAME: VALUE' or @FILE, a file of such lines");
    const name = line.slice(0, colon).toLowerCase();
    if (fields.has(name)) throw new UsageError(`--header: ${name} is given twice`);
    fields.set(name, line.slice(colon + 1).trim());
  }
  const headers = Object.fromEntries(fields);
  usage("header", () => checkOpening({ headers }));
  return headers;
}
