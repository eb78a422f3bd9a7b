/** Files, as the commands read and write them: nothing is ever overwritten. */

import { readFile, stat, writeFile } from "node:fs/promises";
import { fromUtf8 } from "../bytes.ts";

/** More than any key, chain or configuration has. */
const LIMIT = 16 * 1024 * 1024;

/** A small file whole; what fails says which file. */
export async function readSmallFile(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > LIMIT) throw new Error(`it has ${size} bytes, and ${LIMIT} are allowed`);
    return new Uint8Array(await readFile(path));
  } catch (error) {
    throw new Error(`cannot read ${path}: ${reason(error)}`);
  }
}

/** A small text file whole. */
export async function readTextFile(path: string): Promise<string> {
  const bytes = await readSmallFile(path);
  try {
    return fromUtf8(bytes);
  } catch {
    throw new Error(`cannot read ${path}: it is not text`);
  }
}

/** Writes a new file; refuses where there is one. A secret file is for its owner alone. */
export async function writeNewFile(
  path: string,
  contents: string | Uint8Array,
  options: { readonly secret?: boolean } = {},
): Promise<void> {
  try {
    await writeFile(path, contents, { flag: "wx", mode: options.secret ? 0o600 : 0o644 });
  } catch (error) {
    throw new Error(`cannot write ${path}: ${reason(error)}`);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EEXIST: "it is there already",
  EACCES: "it is not allowed",
  EPERM: "it is not allowed",
  EISDIR: "it is a folder",
  ENOTDIR: "it is not in a folder",
  ENOSPC: "there is no room left",
};

/** Why a file operation failed, in plain words. */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error && typeof error.code === "string"
    ? REASONS[error.code] ?? error.message
    : error.message;
}
