/** Keys trusted on first use, in a file. Each line is a server's name, a space, and the pin of its key. */

import { appendFile } from "node:fs/promises";
import type { PinStore } from "../../channel/settings/key/trust.ts";
import { exists, readTextFile, reason } from "../files.ts";

const LINE = /^(\S+) (sha256:[A-Za-z0-9+/]{43}=)$/;

/** Opens the store in a file, which is created with its first line. Throws at once if the file is malformed. */
export async function knownHosts(path: string): Promise<PinStore> {
  await read(path);
  return {
    get: async (name) => (await read(path)).get(name),
    set: (name, pin) => append(path, `${name} ${pin}\n`),
  };
}

/** Adds a line, and ends the last one first if it has no line break. */
async function append(path: string, line: string): Promise<void> {
  const text = await readIfThere(path);
  const lineEnd = text === "" || text.endsWith("\n") ? "" : "\n";
  await appendFile(path, `${lineEnd}${line}`, { mode: 0o600 }).catch((error) => {
    throw new Error(`cannot write ${path}: ${reason(error)}`);
  });
}

/** Returns the pins by name. Of several for one name the first counts: it is the key that was seen first. */
async function read(path: string): Promise<Map<string, string>> {
  const pins = new Map<string, string>();
  (await readIfThere(path)).split(/\r?\n/).forEach((line, index) => {
    if (line === "" || line.startsWith("#")) return;
    const match = LINE.exec(line);
    if (match === null) throw new Error(`${path}, line ${index + 1}: not a name and a pin`);
    if (!pins.has(match[1])) pins.set(match[1], match[2]);
  });
  return pins;
}

async function readIfThere(path: string): Promise<string> {
  return await exists(path) ? await readTextFile(path) : "";
}
