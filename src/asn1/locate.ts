/** Errors that say where in a file the fault is. */

import { ChannelError } from "../errors.ts";

/** Runs `work`. If it throws a {@link ChannelError}, throws one with the same code and `where` before its message. */
export function locateErrors<T>(where: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof ChannelError)) throw cause;
    throw new ChannelError(cause.code, `${where}: ${cause.message}`, { cause });
  }
}
