/** Runs the openssl program in a temporary directory. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "./mod.ts";

/** A directory with files, in which openssl runs. */
export class OpenSsl implements Disposable {
  readonly directory: string = mkdtempSync(join(tmpdir(), "fesa-openssl-"));

  /** Writes a file. */
  write(name: string, contents: string | Uint8Array): void {
    writeFileSync(join(this.directory, name), contents);
  }

  /** Reads a file as bytes. */
  read(name: string): Uint8Array {
    return new Uint8Array(readFileSync(join(this.directory, name)));
  }

  /** Reads a file as text. */
  text(name: string): string {
    return new TextDecoder().decode(this.read(name));
  }

  /** Runs openssl with arguments split at spaces, asserts that it succeeds, and returns its output. */
  run(command: string, ...more: readonly string[]): string {
    const { status, output } = this.try(command, ...more);
    assert.equal(status, 0, `openssl ${command} ${more.join(" ")}\n${output}`);
    return output;
  }

  /** Runs openssl and returns its exit code and output. */
  try(command: string, ...more: readonly string[]): { status: number | null; output: string } {
    const { status, stdout, stderr } = spawnSync("openssl", [...command.split(" "), ...more], {
      cwd: this.directory,
      encoding: "utf8",
    });
    return { status, output: stdout + stderr };
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
