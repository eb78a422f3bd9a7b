/** The files of Unix sockets on Node, Deno and Bun: sets their mode, and removes a file that an ended server has left. */

import { wrongType } from "../check.ts";

/** The parts of `node:fs` and `node:net` that are used, so that the transports of Deno and Bun import neither. */
interface Modules {
  "node:fs": {
    lstatSync(path: string, options: { throwIfNoEntry: false }): { isSocket(): boolean } | undefined;
    chmodSync(path: string, mode: number): void;
    rmSync(path: string, options: { force: true }): void;
  };
  "node:net": {
    connect(path: string): {
      once(event: "connect" | "error", listener: (error?: { code?: string }) => void): unknown;
      destroy(): void;
    };
  };
}

interface NodeProcess {
  umask(mask: number): number;
  getBuiltinModule<Name extends keyof Modules>(name: Name): Modules[Name];
}

const { process } = globalThis as unknown as { process: NodeProcess };

/** The mode that allows only the user of the listening process to connect. */
const OWNER_ONLY = 0o600;

/** The longest path that every system accepts, in bytes. Linux accepts 107. */
const MAX_PATH_LENGTH = 103;

/**
 * Refuses an invalid path or mode of a socket.
 *
 * @throws {TypeError} If one of them has the wrong type.
 * @throws {RangeError} If the path is too long, or the mode is out of bounds.
 */
export function checkSocketFile(path: unknown, mode: unknown = OWNER_ONLY): void {
  if (typeof path !== "string" || path === "" || path.includes("\0")) throw wrongType("path", "a path", path);
  if (new TextEncoder().encode(path).length > MAX_PATH_LENGTH) {
    throw new RangeError(`path is longer than ${MAX_PATH_LENGTH} bytes, the limit of a Unix socket`);
  }
  if (typeof mode !== "number") throw wrongType("mode", "a number such as 0o660", mode);
  if (!Number.isInteger(mode) || mode < 0 || mode > 0o777) {
    throw new RangeError("mode must be from 0 to 0o777");
  }
}

/**
 * Makes a socket's file with `bind`. The file has this mode from the start. Before that, removes an existing file on which
 * no process listens.
 *
 * @throws {Error} If a process listens there, or the file is not a socket.
 */
export async function bindSocket<T>(path: string, mode: number = OWNER_ONLY, bind: () => T): Promise<T> {
  await removeStale(path);
  const before = umask(~mode & 0o777);
  try {
    return bind();
  } finally {
    if (before !== undefined) umask(before);
  }
}

/** Removes the file of a closed socket. */
export function removeSocket(path: string): void {
  process.getBuiltinModule("node:fs").rmSync(path, { force: true });
}

async function removeStale(path: string): Promise<void> {
  const file = process.getBuiltinModule("node:fs").lstatSync(path, { throwIfNoEntry: false });
  if (file === undefined) return;
  if (!file.isSocket()) throw new Error("the file exists and is not a socket");
  if (await isListening(path)) throw new Error("another process listens there already");
  removeSocket(path);
}

/** Returns whether a process listens on the socket. Also returns true if that is unknown. */
function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = process.getBuiltinModule("node:net").connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (error) => resolve(error?.code !== "ECONNREFUSED"));
  });
}

/** Sets the umask of the process. Node's worker threads cannot change it, and use that of the process. */
function umask(mask: number): number | undefined {
  try {
    return process.umask(mask);
  } catch {
    return undefined;
  }
}
