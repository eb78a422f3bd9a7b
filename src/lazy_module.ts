/** Modules that are loaded when they are first used: each `import()` names its file, so that bundlers see it. */

import { ChannelError } from "./errors.ts";

/**
 * Returns a function that loads a module at its first call. If loading fails, the platform's TypeError is replaced, since it
 * would suggest a wrong argument; the next call tries again.
 */
export function lazyModule<Module>(load: () => Promise<Module>): () => Promise<Module> {
  let loaded: Module | undefined;
  return async () => {
    try {
      return loaded ??= await load();
    } catch (cause) {
      throw new ChannelError("transport", "a module of this library could not be loaded", { cause });
    }
  };
}
