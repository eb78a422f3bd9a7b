/** Runs programs of other TLS stacks as peers. Each program ends with its test. */
import { Buffer } from "node:buffer";
import { type ChildProcess, spawn } from "node:child_process";
import { createServer, type Server, type Socket } from "node:net";
import { Readable, Writable } from "node:stream";
import type { Transport } from "../../src/connection.ts";
import { dial, fromDuplex } from "../../src/transport/node.ts";
import { until } from "./until.ts";

/** A program that runs until it exits or the test ends. */
export class PeerProgram implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #exit: Promise<number | null>;
  readonly #output: Uint8Array[] = [];
  #ended = false;
  /** The program's standard error so far. */
  errors = "";

  /** Starts the program. Its standard output is collected, unless it carries the session (`bridged`). */
  constructor(
    command: readonly string[],
    { bridged = false, cwd }: { bridged?: boolean; cwd?: string } = {},
  ) {
    this.#child = spawn(command[0], command.slice(1), { stdio: ["pipe", "pipe", "pipe"], cwd });
    this.#exit = new Promise((resolve) => {
      this.#child.on("error", () => resolve(null));
      this.#child.on("close", (code) => resolve(code));
    });
    this.#child.stdin!.on("error", () => {}); // the program may end before it has read all input
    this.#child.stderr!.on("data", (chunk) => this.errors += chunk);
    this.#exit.then(() => this.#ended = true);
    if (!bridged) this.#child.stdout!.on("data", (chunk: Uint8Array) => this.#output.push(chunk));
  }

  /** The program's standard input and output as a transport. */
  get transport(): Transport {
    const { stdin, stdout } = this.#child;
    return { readable: Readable.toWeb(stdout!), writable: Writable.toWeb(stdin!) } as Transport;
  }

  /** Writes bytes to the program's standard input. */
  input(bytes: Uint8Array | string): void {
    this.#child.stdin!.write(bytes);
  }

  /** Ends the program's standard input. */
  endInput(): void {
    this.#child.stdin!.end();
  }

  /** Connects to the program's port, on which it may not listen yet. */
  dial(port: number): Promise<Transport> {
    return until(() => dial({ host: "127.0.0.1", port }), { about: () => this.errors });
  }

  /** Waits until the program has written this many bytes or has ended, and returns everything that it has written. */
  async output(length: number = Infinity): Promise<Uint8Array> {
    const written = () => this.#output.reduce((sum, chunk) => sum + chunk.length, 0);
    await until(written, {
      holds: (count) => count >= length || this.#ended,
      about: () => this.errors,
    });
    return new Uint8Array(Buffer.concat(this.#output));
  }

  /** Waits until the program has written this text to its standard output or error. */
  async says(text: string): Promise<void> {
    const said = await until(() => Buffer.concat(this.#output) + this.errors, {
      holds: (said) => said.includes(text) || this.#ended,
    });
    if (!said.includes(text)) throw new Error(`the program ended without "${text}": ${this.errors}`);
  }

  /** Waits for the end of the program, and returns its exit code. */
  exitCode(): Promise<number | null> {
    return this.#exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exit;
  }
}

/**
 * Returns a free port of the loopback address, and never one that this or another test process has got: each listens on the
 * port after its own as a lock until it ends. Both are below the ports that systems choose themselves, so that no other
 * program gets the port before the intended program listens.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + 2 * Math.floor(6_000 * Math.random());
    const lock = await listenOn(port + 1);
    const server = lock && await listenOn(port);
    lock?.unref();
    if (server === undefined) continue;
    await new Promise((closed) => server.close(closed));
    return port;
  }
}

/** Listens on a port of the loopback address; undefined if it is in use. */
async function listenOn(port: number): Promise<Server | undefined> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

/**
 * Starts a program that connects to a port of this test. Returns the program and the transport of its connection. `input` is
 * for programs that read all their data before they connect.
 */
export async function programThatConnects(
  command: (port: number) => readonly string[],
  { cwd, input }: { cwd?: string; input?: Uint8Array } = {},
): Promise<{ program: PeerProgram; transport: Transport }> {
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const program = new PeerProgram(
    command(typeof address === "object" && address !== null ? address.port : 0),
    { cwd },
  );
  if (input) {
    program.input(input);
    program.endInput();
  }
  const socket = await Promise.race([
    new Promise<Socket>((resolve) => server.once("connection", resolve)),
    program.exitCode().then((code) => {
      throw new Error(`${code}: ${program.errors}`);
    }),
  ]).finally(() => server.close());
  return { program, transport: fromDuplex(socket) };
}
