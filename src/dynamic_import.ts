/** Modules that are loaded when they are first used: each `import()` names its file, so that bundlers see it. */

import { ChannelError } from "./errors.ts";

/** Waits for a module. The platform's TypeError, if it cannot be loaded, would wrongly mean a wrong argument, so it is replaced. */
export async function imported<Module>(importing: Promise<Module>): Promise<Module> {
  try {
    return await importing;
  } catch (cause) {
    throw new ChannelError("transport", "a module of this library could not be loaded", { cause });
  }
}
