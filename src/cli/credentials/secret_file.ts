/** The shared secret of the native setting, in a file. */

import { fromBase64, fromHex } from "../../bytes.ts";
import { readTextFile } from "../files.ts";

/** Reads 32 bytes, written as 64 hexadecimal digits or as base64. */
export async function readSecret(path: string): Promise<Uint8Array> {
  const text = (await readTextFile(path)).trim();
  if (/^[0-9A-Fa-f]{64}$/.test(text)) return fromHex(text);
  if (/^[A-Za-z0-9+/]{43}=$/.test(text)) return fromBase64(text);
  throw new Error(`${path}: a secret is 32 random bytes, as 64 hexadecimal digits or as base64`);
}
