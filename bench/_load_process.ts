/** Starts the server of load.ts in a separate process. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { build, type BuildOptions } from "esbuild";
import { type Channel, connect, type ConnectSecurity } from "../mod.ts";
import { dial } from "../src/transport/node.ts";
import type { Address, Memory, Question } from "./_load_server.ts";
import type { LoopFigures } from "./_thread_time.ts";

/**
 * The options for bundling the server. It does not run under tsx, which gives each closure a name that takes more memory
 * than the closure.
 */
const BUNDLE: BuildOptions = {
  bundle: true,
  format: "esm",
  platform: "node",
  packages: "external",
  logLevel: "error",
};

/** A server in a separate process. */
export class Server {
  readonly address: Address;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, address: Address) {
    this.#process = process;
    this.address = address;
  }

  static async start(): Promise<Server> {
    const outfile = ".cache/bench/load_server.mjs";
    await build({ ...BUNDLE, entryPoints: ["bench/_load_server.ts"], outfile });
    const child = fork(outfile, { execArgv: ["--expose-gc"] });
    const [address] = await once(child, "message");
    return new Server(child, address);
  }

  async connect(setting: "certificate" | "native"): Promise<Channel> {
    const { port, root, secret } = this.address;
    const security: ConnectSecurity = setting === "certificate"
      ? { setting, roots: root, serverName: "localhost" }
      : { setting, secret: Uint8Array.from(secret.split(","), Number) };
    return await connect(await dial({ host: "127.0.0.1", port }), { security, handshakeTimeout: 0 });
  }

  /** Returns the figures since the last call. */
  async figures(): Promise<LoopFigures> {
    return await this.#ask("figures") as LoopFigures;
  }

  async memory(): Promise<Memory> {
    return await this.#ask("memory") as Memory;
  }

  async #ask(question: Question): Promise<unknown> {
    const answered = once(this.#process, "message");
    this.#process.send(question);
    return (await answered)[0];
  }

  stop(): void {
    this.#process.disconnect();
  }
}
