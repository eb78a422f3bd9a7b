/** Other TLS stacks: a client and a server of each, with the programs of docs/peers.md. */
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

/** The needs of a stack, and the commands for its programs. */
export interface Stack {
  readonly name: string;
  readonly needs: readonly Need[];
  /** The commands to run first, in each folder. */
  readonly prepare?: readonly (readonly string[])[];
  readonly client?: Client;
  readonly server?: Server;
}

/** The client of a stack. */
export interface Client {
  command(port: number): readonly string[];
  /** Whether the client waits for the end of its input, and closes after the answer. */
  readonly closes: boolean;
  /** Whether it speaks HTTP. */
  readonly http?: boolean;
  /** The named group of the key exchange, where it is the same in each version. */
  readonly group?: NamedGroupName;
}

/** The server of a stack. */
export interface Server {
  command(port: number): readonly string[];
  /** What the server does with received bytes: it echoes them at once, echoes complete lines, or prints them. */
  readonly answers: "echo" | "lines" | "standard input";
  /** Whether the server needs its own network namespace, since it listens on all addresses. */
  readonly bridged?: boolean;
  /** The named group of the key exchange, where it is the same in each version. */
  readonly group?: NamedGroupName;
}

const GUIDE = readFileSync(join(ROOT, "docs/peers.md"), "utf8");

/** The programs of docs/peers.md, by name. */
export const PROGRAMS: ReadonlyMap<string, string> = new Map(
  Array.from(
    GUIDE.matchAll(/^```\w+(?: ignore)? (\S+\.\w+)\n([^]*?)^```$/gm),
    ([, name, text]) => [name, text],
  ),
);

/** The program replaces the shell, so that ending the process ends the program. */
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

/** A running server of another stack. */
export interface RunningServer extends AsyncDisposable {
  /** The program. A server in its own network namespace has one program for each connection, which prints nothing. */
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
