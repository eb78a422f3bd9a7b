/** Watches files for changes. */

import { type FSWatcher, watch } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { reason } from "../files.ts";

/** Milliseconds without a further change before the listener is called: a key and its certificate change together. */
const QUIET = 200;

/**
 * Watches files, and calls a listener after some have changed, once no change has followed for a moment. Watches their
 * folders, since most programs write a new file and rename it to the old one's name.
 */
export class WatchedFiles {
  #files: readonly string[] = [];
  #watchers: readonly FSWatcher[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #listener: (() => void) | undefined;
  /** Whether there was a change before there was a listener. */
  #changed = false;
  #closed = false;

  /**
   * Watches these files instead of the ones before. Returns false if they are watched already. Otherwise, they may have
   * changed before.
   */
  watch(paths: readonly string[]): boolean {
    const files = paths.map((path) => resolve(path));
    if (this.#closed || files.join() === this.#files.join()) return false;
    const folders = [...new Set(files.map(dirname))];
    const watchers: FSWatcher[] = [];
    try {
      for (const folder of folders) watchers.push(this.#watchFolder(folder, files));
    } catch (error) {
      end(watchers); // the ones before stay
      throw error;
    }
    end(this.#watchers);
    this.#watchers = watchers;
    this.#files = files;
    return true;
  }

  /** Calls the listener after changes, also after one that has already happened. */
  onChange(listener: () => void): void {
    this.#listener = listener;
    if (this.#changed) listener();
  }

  /** Stops watching for good. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    end(this.#watchers);
  }

  #watchFolder(folder: string, files: readonly string[]): FSWatcher {
    const names = new Set(files.filter((file) => dirname(file) === folder).map((file) => basename(file)));
    try {
      // Kubernetes swaps a linked folder above the file, whose own name does not change.
      return watch(
        folder,
        (_, name) => (name === null || names.has(name) || name.startsWith("..")) && this.#notice(),
      );
    } catch (error) {
      throw new Error(`cannot watch the folder ${folder}: ${reason(error)}`);
    }
  }

  #notice(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#changed = true;
      this.#listener?.();
    }, QUIET);
  }
}

function end(watchers: readonly FSWatcher[]): void {
  for (const watcher of watchers) watcher.close();
}
