/** Hearing of files that change. */

import { type FSWatcher, watch } from "node:fs";
import { basename, dirname, resolve } from "node:path";

/** Milliseconds without a change before the listener hears of one: a key and its certificate change together. */
const QUIET = 200;

/**
 * Calls `onChange` whenever some of the files have changed and no change has followed for a moment. Watches their folders,
 * since most programs write a new file and give it the old one's name.
 *
 * @returns Stops watching.
 */
export function watchFiles(paths: readonly string[], onChange: () => void): () => void {
  const files = paths.map((path) => resolve(path));
  let timer: ReturnType<typeof setTimeout> | undefined;
  const changed = () => {
    clearTimeout(timer);
    timer = setTimeout(onChange, QUIET);
  };
  const watchers: FSWatcher[] = [...new Set(files.map(dirname))].map((folder) => {
    const names = new Set(files.filter((file) => dirname(file) === folder).map((file) => basename(file)));
    // The links of Kubernetes: a folder is swapped under the file, whose own name does not change.
    return watch(
      folder,
      (_, name) => (name === null || names.has(name) || name.startsWith("..")) && changed(),
    );
  });
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}
