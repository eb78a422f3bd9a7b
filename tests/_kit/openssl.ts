/** Runs the openssl program in a temporary directory. */
import { spawnSync } from "node:child_process";
import { Files } from "./files.ts";
import { assert } from "./mod.ts";

/** A directory with files, in which openssl runs. */
export class OpenSsl extends Files {
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
      cwd: this.path,
      encoding: "utf8",
    });
    return { status, output: stdout + stderr };
  }
}
