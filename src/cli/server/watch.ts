/** Watches files for changes. */

import { type FSWatcher, watch } from "node:fs";
import { basename, dirname, resolve } from "node:path";

/** Milliseconds without a further change before the listener is called: a key and its certificate change together. */
const QUIET = 200;

/**
 * Calls `onChange` after some of the files have changed, once no change has followed for a moment. Watches their folders,
 * since most programs write a new file and rename it to the old one's name.
 *
 * @returns A function that stops watching.
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
    // Kubernetes swaps a linked folder above the file, whose own name does not change.
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
