/** A PostgreSQL server for a test, with `ssl` on and otherwise its default TLS settings. */
import { spawn, spawnSync } from "node:child_process";
import {
  appendFileSync,
  chownSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { assert } from "../_kit/mod.ts";
import { freePort } from "../_kit/peer.ts";

/** The superuser. */
export const USER = "postgres";
export const PASSWORD = "correct horse";

/** A cluster on a port of the loopback address, which accepts only clients with TLS and a password. */
export class Postgres implements AsyncDisposable {
  readonly port: number;
  /** The major version. */
  readonly version: number;
  readonly #stop: () => Promise<void>;

  private constructor(port: number, version: number, stop: () => Promise<void>) {
    this.port = port;
    this.version = version;
    this.#stop = stop;
  }

  /** Starts a cluster with the certificate and key in a folder. */
  static async start(keys: string): Promise<Postgres> {
    const folder = mkdtempSync(join(tmpdir(), "fesa-postgres-"));
    const [data, owner, programs] = [join(folder, "data"), systemUser(), programFolder()];
    const password = join(folder, "password");
    writeFileSync(password, PASSWORD);
    for (const path of [folder, password]) chownSync(path, owner.uid, owner.gid);
    const initdb = spawnSync(
      join(programs, "initdb"),
      ["--pgdata", data, "--username", USER, "--pwfile", password, "--auth", "scram-sha-256", "--no-sync"],
      { ...owner, cwd: folder, encoding: "utf8" },
    );
    assert.equal(initdb.status, 0, initdb.stderr);
    for (const [from, to] of [["certificate.pem", "server.crt"], ["key.pem", "server.key"]]) {
      copyFileSync(join(keys, from), join(data, to));
      chownSync(join(data, to), owner.uid, owner.gid);
    }
    writeFileSync(join(data, "pg_hba.conf"), "hostssl all all 127.0.0.1/32 scram-sha-256\n");
    const port = await freePort();
    appendFileSync(
      join(data, "postgresql.conf"),
      `ssl = on\nlisten_addresses = '127.0.0.1'\nport = ${port}\nunix_socket_directories = ''\n`,
    );
    const server = spawn(join(programs, "postgres"), ["-D", data], { ...owner, cwd: folder });
    const exit = new Promise<void>((resolve) => server.on("close", () => resolve()));
    const stop = async () => {
      server.kill("SIGINT"); // a fast shutdown, of all its processes
      await exit;
      rmSync(folder, { recursive: true });
    };
    await new Promise<void>((resolve, reject) => {
      let log = "";
      server.stderr.on("data", (chunk) => {
        log += chunk;
        if (log.includes("ready to accept connections")) resolve();
      });
      exit.then(() => reject(new Error(log)));
    });
    const version = Number(readFileSync(join(data, "PG_VERSION"), "utf8"));
    return new Postgres(port, version, stop);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stop();
  }
}

/** The folder in which Debian keeps the newest version's server programs, which are not on the PATH. */
function programFolder(): string {
  const find = "dirname $(command -v initdb || ls -v /usr/lib/postgresql/*/bin/initdb | tail -1)";
  return spawnSync("sh", ["-c", find], { encoding: "utf8" }).stdout.trim();
}

/** PostgreSQL refuses to run as root. For root, it runs as the user that its package creates. */
function systemUser(): { uid: number; gid: number } {
  const [uid, gid] = [process.getuid!(), process.getgid!()];
  if (uid !== 0) return { uid, gid };
  const id = (flag: string) => Number(spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout);
  return { uid: id("-u"), gid: id("-g") };
}
