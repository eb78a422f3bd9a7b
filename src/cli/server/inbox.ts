/** The folder for received files: checks names and sizes, and gives a file its name once it is complete. */

import { type FileHandle, link, open, readdir, rename, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { toHex, toUtf8 } from "../../bytes.ts";
import { randomBytes } from "../../crypto/random.ts";
import { codeOf, exists, reason } from "../files.ts";
import { isPrintable } from "../../printable.ts";

/** The names of incomplete files. They begin with a dot, and no client may send such a name. */
const UNFINISHED = /^\.fesa-[0-9a-f]{32}\.part$/;

/** Milliseconds without a write after which an incomplete file counts as left over from a killed server. */
const ABANDONED = 24 * 60 * 60 * 1000;

/** The limits of an inbox. */
export interface InboxLimits {
  /** Bytes in the largest file. */
  readonly maxFileSize: number;
  /** Bytes in all files of the folder together; no limit by default. */
  readonly quota?: number;
}

/** A folder for received files. */
export class Inbox {
  readonly #directory: string;
  readonly #limits: InboxLimits;
  /** Bytes that files in progress have announced. */
  #reserved = 0;

  constructor(directory: string, limits: InboxLimits) {
    this.#directory = directory;
    this.#limits = limits;
  }

  /** Deletes incomplete files that a killed server has left. */
  async clean(): Promise<void> {
    for (const name of await readdir(this.#directory)) {
      if (!UNFINISHED.test(name)) continue;
      const path = join(this.#directory, name);
      const { mtimeMs } = await stat(path);
      if (Date.now() - mtimeMs > ABANDONED) await unlink(path);
    }
  }

  /**
   * Stores one file: `write` fills it under a temporary name, and it gets its own when `write` is done.
   *
   * @throws {Error} If the name is not allowed or taken, or the file is over a limit.
   */
  async store<T>(name: string, size: number, write: (file: FileHandle) => Promise<T>): Promise<T> {
    if (!isFileName(name)) throw new Error("the file's name is not allowed");
    const { maxFileSize, quota } = this.#limits;
    if (size > maxFileSize) throw new Error(`a file of ${size} bytes is over the limit of ${maxFileSize}`);
    this.#reserved += size;
    try {
      if (quota !== undefined && await this.#stored() + this.#reserved > quota) {
        throw new Error(`there is no room for ${size} bytes more`);
      }
      return await this.#writeAndName(join(this.#directory, name), write).catch((error) => {
        throw isSystemError(error) ? new Error(`cannot store ${name}: ${reason(error)}`) : error;
      });
    } finally {
      this.#reserved -= size;
    }
  }

  async #writeAndName<T>(path: string, write: (file: FileHandle) => Promise<T>): Promise<T> {
    if (await exists(path)) throw taken();
    const unfinished = join(this.#directory, `.fesa-${toHex(randomBytes(16))}.part`);
    const file = await open(unfinished, "wx", 0o644);
    try {
      let result: T;
      try {
        result = await write(file);
      } finally {
        await file.close();
      }
      await giveName(unfinished, path);
      return result;
    } finally {
      await unlink(unfinished).catch(() => {}); // renamed already
    }
  }

  /** Bytes in all complete files. */
  async #stored(): Promise<number> {
    let total = 0;
    for (const name of await readdir(this.#directory)) {
      if (!UNFINISHED.test(name)) {
        total += (await stat(join(this.#directory, name)).catch(() => ({ size: 0 }))).size;
      }
    }
    return total;
  }
}

/** Gives a complete file its name without overwriting another. A rename would overwrite, so this uses a hard link if the file system has them. */
async function giveName(unfinished: string, path: string): Promise<void> {
  try {
    await link(unfinished, path);
  } catch (error) {
    if (codeOf(error) === "EEXIST" || await exists(path)) throw taken();
    await rename(unfinished, path);
  }
}

function taken(): Error {
  return Object.assign(new Error("EEXIST"), { code: "EEXIST" });
}

function isSystemError(error: unknown): boolean {
  return codeOf(error)?.startsWith("E") ?? false;
}

/** Whether a name is a single path segment on every system, and not hidden. */
const NAME = /^(?![. ])[^\/\\:*?"<>|]{1,200}(?<![. ])$/u;

/** Invisible and blank characters, lone surrogates and private-use characters. */
const INVISIBLE = /[\p{Cf}\p{Cs}\p{Co}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/u;

/** Joiners and variation selectors after a non-ASCII character, which some scripts and emoji need. */
const JOINERS = /(?<=[^\p{ASCII}])[\u200c\u200d\ufe0e\ufe0f]/gu;

/** Device names on Windows, with any extension. */
const DEVICE =
  /^(?:con|prn|aux|nul|clock\$|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])\s*(?:\.|$)/iu;

/** The longest name that file systems accept, in bytes of UTF-8. */
const NAME_BYTES = 255;

function isFileName(name: string): boolean {
  return NAME.test(name) && isPrintable(name) && !INVISIBLE.test(name.replace(JOINERS, "")) &&
    !DEVICE.test(name) &&
    toUtf8(name).length <= NAME_BYTES;
}
