/** Files of tests, for programs. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A directory that is removed after the test. */
export class Files implements Disposable {
  /** The directory. */
  readonly path: string = mkdtempSync(join(tmpdir(), "fesa-files-"));

  /** Writes a file and returns its path. */
  write(name: string, contents: string | Uint8Array): string {
    const path = join(this.path, name);
    writeFileSync(path, contents);
    return path;
  }

  /** Reads a file as bytes. */
  read(name: string): Uint8Array {
    return new Uint8Array(readFileSync(join(this.path, name)));
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
