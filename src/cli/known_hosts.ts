/** Keys trusted on first use, in a file: one server a line, its name, a space, and its key's pin. */

import { appendFile } from "node:fs/promises";
import type { PinStore } from "../channel/trust.ts";
import { exists, readTextFile, reason } from "./files.ts";

const LINE = /^(\S+) (sha256:[A-Za-z0-9+/]{43}=)$/;

/** The store in a file, which comes to be with its first line. */
export async function knownHosts(path: string): Promise<PinStore> {
  const pins = await read(path);
  return {
    get: (name) => pins.get(name),
    set: async (name, pin) => {
      if (pins.has(name)) return;
      pins.set(name, pin);
      await appendFile(path, `${name} ${pin}\n`, { mode: 0o600 }).catch((error) => {
        throw new Error(`cannot write ${path}: ${reason(error)}`);
      });
    },
  };
}

async function read(path: string): Promise<Map<string, string>> {
  const text = await exists(path) ? await readTextFile(path) : "";
  const pins = new Map<string, string>();
  text.split(/\r?\n/).forEach((line, index) => {
    if (line === "" || line.startsWith("#")) return;
    const match = LINE.exec(line);
    if (match === null) throw new Error(`${path}, line ${index + 1}: not a name and a pin`);
    pins.set(match[1], match[2]);
  });
  return pins;
}
