/** Pieces of this library that are loaded where they are used: each `import()` names its file, so that bundlers see it. */

import { ChannelError } from "./errors.ts";

/** Waits for a piece. That it cannot be had is nobody's wrong argument, as the platform's TypeError would say. */
export async function load<Piece>(importing: Promise<Piece>): Promise<Piece> {
  try {
    return await importing;
  } catch (cause) {
    throw new ChannelError("transport", "a piece of this library could not be loaded", { cause });
  }
}
