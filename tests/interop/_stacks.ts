/** Other TLS stacks, by the programs of docs/peers.md: a client and a server each, as a reader would run them. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Need } from "../_kit/mod.ts";
import { freePort, PeerProgram } from "../_kit/peer.ts";
import type { NamedGroupName } from "../../src/tls/mod.ts";
import type { Transport } from "../../src/connection.ts";
import { executable, ROOT, RUNTIMES } from "../../tools/runtimes.ts";

/** The kinds of keys that servers have. */
export const KEY_TYPES = ["rsa", "p256", "ed25519"] as const;
export type KeyType = typeof KEY_TYPES[number];

/** What a stack needs and how its programs are run, in a folder that has them. */
export interface Stack {
  readonly name: string;
  readonly needs: readonly Need[];
  /** What is run before, in each folder. */
  readonly prepare?: readonly (readonly string[])[];
  readonly client?: Client;
  readonly server?: Server;
}

/** How a stack's client is run. */
export interface Client {
  command(port: number): readonly string[];
  /** Whether it waits for the end of its input, and closes when it has the answer. */
  readonly closes: boolean;
  /** Whether it speaks HTTP. */
  readonly http?: boolean;
  /** The named group of the key exchange, where it is the same in each version. */
  readonly group?: NamedGroupName;
}

/** How a stack's server is run. */
export interface Server {
  command(port: number): readonly string[];
  /** What it makes of the bytes it receives: gives them back at once, or each line when it is whole; or prints them. */
  readonly answers: "echo" | "lines" | "standard input";
  /** Whether it has to be alone in a network of its own, since it listens on all addresses. */
  readonly bridged?: boolean;
  /** The named group of the key exchange, where it is the same in each version. */
  readonly group?: NamedGroupName;
}

const GUIDE = readFileSync(join(ROOT, "docs/peers.md"), "utf8");

/** The programs of docs/peers.md, by their names. */
export const PROGRAMS: ReadonlyMap<string, string> = new Map(
  Array.from(
    GUIDE.matchAll(/^```\w+(?: ignore)? (\S+\.\w+)\n([^]*?)^```$/gm),
    ([, name, text]) => [name, text],
  ),
);

/** The shell becomes the program, so that it is the program that is ended. */
function shell(name: string, port: number): string[] {
  return ["sh", "-c", `exec ${PROGRAMS.get(name)}`, "sh", `${port}`];
}

const NEWEST_NODE = RUNTIMES.find(({ name }) => name === "node26")?.program;

/** By `node:tls`. */
function nodeStack(name: string, program: () => string, group?: NamedGroupName): Stack {
  return {
    name,
    needs: ["processes"],
    client: {
      command: (port) => [program(), "client.mjs", `${port}`],
      closes: true,
      ...(group && { group }),
    },
    server: {
      command: (port) => [program(), "server.mjs", `${port}`],
      answers: "echo",
      ...(group && { group }),
    },
  };
}

export const STACKS: readonly Stack[] = [
  {
    name: "OpenSSL",
    needs: ["openssl"],
    client: { command: (port) => shell("openssl_client.sh", port), closes: false },
    server: { command: (port) => shell("openssl_server.sh", port), answers: "standard input" },
  },
  {
    name: "GnuTLS",
    needs: ["gnutls-cli", "gnutls-serv", "unshare", "python3"],
    client: { command: (port) => shell("gnutls_client.sh", port), closes: false },
    server: { command: (port) => shell("gnutls_server.sh", port), answers: "lines", bridged: true },
  },
  {
    name: "curl",
    needs: ["curl"],
    client: { command: (port) => shell("curl_client.sh", port), closes: true, http: true },
  },
  {
    name: "Python",
    needs: ["python3"],
    client: { command: (port) => ["python3", "client.py", `${port}`], closes: true },
    server: { command: (port) => ["python3", "server.py", `${port}`], answers: "echo" },
  },
  nodeStack("Node", () => executable("node")),
  ...(NEWEST_NODE ? [nodeStack("Node 26", () => NEWEST_NODE, "X25519MLKEM768")] : []),
  nodeStack("Bun", () => executable("bun"), "X25519MLKEM768"),
  {
    name: "Deno",
    needs: ["processes"],
    client: {
      command: (port) => [executable("deno"), "run", "-A", "deno_client.js", `${port}`],
      closes: true,
    },
    server: {
      command: (port) => [executable("deno"), "run", "-A", "deno_server.js", `${port}`],
      answers: "echo",
      group: "X25519MLKEM768",
    },
  },
  {
    name: "Go",
    needs: ["go"],
    prepare: [["go", "build", "client.go"], ["go", "build", "server.go"]],
    client: { command: (port) => ["./client", `${port}`], closes: true },
    server: { command: (port) => ["./server", `${port}`], answers: "echo" },
  },
  {
    name: "Java",
    needs: ["java"],
    prepare: [["sh", "keystore.sh"]],
    client: { command: (port) => ["java", "Client.java", `${port}`], closes: true },
    server: { command: (port) => ["java", "Server.java", `${port}`], answers: "echo" },
  },
];

/** A server of another stack at work. */
export interface RunningServer extends AsyncDisposable {
  /** Its program; those in a network of their own have one for each connection, and say nothing. */
  readonly program: PeerProgram | undefined;
  dial(): Promise<Transport>;
}

const BRIDGE = join(dirname(fileURLToPath(import.meta.url)), "gnutls_bridge.py");

/** Starts a stack's server in a folder. */
export async function startServer({ command, bridged }: Server, cwd: string): Promise<RunningServer> {
  if (bridged) return startBridged(["unshare", "-n", "python3", BRIDGE, ...command(5556)], cwd);
  const port = await freePort();
  const program = new PeerProgram(command(port), { cwd });
  return {
    program,
    dial: () => program.dial(port),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

function startBridged(command: readonly string[], cwd: string): RunningServer {
  const programs: PeerProgram[] = [];
  return {
    program: undefined,
    dial: () => {
      const program = new PeerProgram(command, { bridged: true, cwd });
      programs.push(program);
      return Promise.resolve(program.transport);
    },
    async [Symbol.asyncDispose]() {
      for (const program of programs) await program[Symbol.asyncDispose]();
    },
  };
}
