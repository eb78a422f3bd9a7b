/** Files, as the commands read and write them: nothing is overwritten that the user did not say so of. */

import { access, mkdir, open, readFile, rename, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import { fromUtf8 } from "../bytes.ts";
import { fileText } from "../asn1/pem.ts";

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

/** A small text file whole: UTF-8, or UTF-16 with a byte order mark, as Windows PowerShell writes. */
export async function readTextFile(path: string): Promise<string> {
  const bytes = await readSmallFile(path);
  const text = fileText(bytes);
  if (text.includes("\ufffd") && !isUtf8(bytes)) throw new Error(`cannot read ${path}: it is not text`);
  return text;
}

/** How {@link writeNewFile} writes. */
export interface WriteOptions {
  /** Whether the file is for its owner alone. */
  readonly secret?: boolean;
  /** Whether it may take the place of another. */
  readonly force?: boolean;
}

/** Writes a new file; refuses where there is one already, or else puts itself in its place in one step. */
export async function writeNewFile(
  path: string,
  contents: string | Uint8Array,
  { secret = false, force = false }: WriteOptions = {},
): Promise<void> {
  const target = force ? `${path}.${process.pid}.new` : path;
  try {
    await makeFolders(dirname(path));
    const file = await open(target, "wx", secret ? 0o600 : 0o644);
    try {
      await file.writeFile(contents);
      if (force) await rename(target, path);
    } catch (error) {
      await unlink(target); // it may hold a key
      throw error;
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new Error(`cannot write ${path}: ${reason(error)}`);
  }
}

/** Makes a folder, and those it is in, where it is not there yet. */
export async function makeFolder(path: string): Promise<void> {
  await makeFolders(path).catch((error) => {
    throw new Error(`cannot make the folder ${path}: ${reason(error)}`);
  });
}

/** Not by `recursive` of `mkdir`, which never ends on Node where no folder can be made, such as below /proc. */
async function makeFolders(path: string): Promise<void> {
  if (!await exists(dirname(path))) await makeFolders(dirname(path));
  await mkdir(path).catch(async (error) => {
    if (!(await stat(path).catch(() => undefined))?.isDirectory()) throw error;
  });
}

/** Refuses files that are there already, before any work is done for them. */
export async function refuseExisting(paths: readonly string[], force: boolean): Promise<void> {
  if (force) return;
  for (const path of paths) {
    if (await exists(path)) throw new Error(`${path} is there already; --force overwrites it`);
  }
}

/** Whether a file can be read by every user of this computer; never on Windows, which has other rights. */
export async function isReadByAll(path: string): Promise<boolean> {
  return process.platform !== "win32" && ((await stat(path)).mode & 0o004) !== 0;
}

/** Whether there is a file or folder of this name. */
export async function exists(path: string): Promise<boolean> {
  return await access(path).then(() => true, () => false);
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    fromUtf8(bytes);
    return true;
  } catch {
    return false;
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
  ENAMETOOLONG: "its name is too long",
};

/** Why a file operation failed, in plain words, or by its code: the system's own words name folders, and a peer may hear this. */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return REASONS[code] ?? (/^E[A-Z0-9]+$/.test(code) ? code : error.message);
}
