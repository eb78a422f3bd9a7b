/** Reads and writes the commands' files; overwrites one only if the user allowed it. */

import { access, mkdir, open, readFile, rename, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import { fileText } from "../asn1/pem.ts";
import { fromUtf8 } from "../bytes.ts";
import { messageOf } from "./command.ts";

/** The largest file that is read: more than any key, chain or configuration needs. */
const LIMIT = 16 * 1024 * 1024;

/** Reads a small file; errors name it. */
export async function readSmallFile(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > LIMIT) throw new Error(`it has ${size} bytes, and ${LIMIT} are allowed`);
    return new Uint8Array(await readFile(path));
  } catch (error) {
    throw new Error(`cannot read ${path}: ${reason(error)}`);
  }
}

/** Reads a small text file: UTF-8, or UTF-16 with a byte order mark, as Windows PowerShell writes. */
export async function readTextFile(path: string): Promise<string> {
  const bytes = await readSmallFile(path);
  const text = fileText(bytes);
  if (text.includes("\ufffd") && !isUtf8(bytes)) throw new Error(`cannot read ${path}: it is not text`);
  return text;
}

/** Options of {@link writeNewFile}. */
export interface WriteOptions {
  /** Whether only its owner may read the file. */
  readonly secret?: boolean;
  /** Whether it may replace another file. */
  readonly force?: boolean;
}

/** Writes a new file. Refuses if one exists, unless `force` is set: then replaces it in one step. */
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
      await unlink(target); // it may contain a key
      throw error;
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new Error(`cannot write ${path}: ${reason(error)}`);
  }
}

/** Makes a folder and its parents if they are missing. */
export async function makeFolder(path: string): Promise<void> {
  await makeFolders(path).catch((error) => {
    throw new Error(`cannot make the folder ${path}: ${reason(error)}`);
  });
}

/** Does not use `mkdir` with `recursive`, which never ends on Node if the folder cannot be made, as below /proc. */
async function makeFolders(path: string): Promise<void> {
  if (!await exists(dirname(path))) await makeFolders(dirname(path));
  await mkdir(path).catch(async (error) => {
    if (!(await stat(path).catch(() => undefined))?.isDirectory()) throw error;
  });
}

/** Refuses existing files before any work is done. */
export async function refuseExisting(paths: readonly string[], force: boolean): Promise<void> {
  if (force) return;
  for (const path of paths) {
    if (await exists(path)) throw new Error(`${path} already exists; --force overwrites it`);
  }
}

/** Whether every user of this computer can read a file; always false on Windows, which has other permissions. */
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
  EEXIST: "it already exists",
  EACCES: "it is not allowed",
  EPERM: "it is not allowed",
  EISDIR: "it is a folder",
  ENOTDIR: "it is not in a folder",
  ENOSPC: "there is no room left",
  ENAMETOOLONG: "its name is too long",
};

/** Why a file operation failed, in plain words or by its code. The system's message would name folders, and this may be sent to a peer. */
export function reason(error: unknown): string {
  const code = codeOf(error) ?? "";
  return REASONS[code] ?? (/^E[A-Z0-9]+$/.test(code) ? code : messageOf(error));
}

/** The code of a system's error, such as `ENOENT`; undefined for other errors. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** Puts the file's name before errors about it. */
export async function naming<T>(path: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(`${path}: ${messageOf(error)}`, { cause: error });
  }
}
