/** Restarts the two servers of examples/haproxy in turn while clients are busy. */
import { readFileSync } from "node:fs";
import { connect as connectSocket } from "node:net";
import { join } from "node:path";
import { connect } from "../../mod.ts";
import { fromHex } from "../../src/bytes.ts";
import { fromDuplex } from "../../src/transport/node.ts";
import { Files } from "../_kit/files.ts";
import { freePort } from "../_kit/peer.ts";
import { clone, Running } from "./_kit.ts";

/** The number of messages in each channel. */
const MESSAGES = 3;

/** The results for the messages of all clients. */
export interface Outcome {
  /** The messages of channels whose close was confirmed, and those among them that no server has received. */
  readonly confirmed: number;
  readonly lost: readonly string[];
  /** What the other channels ended with. */
  readonly failures: readonly unknown[];
  /** The channels that were neither confirmed nor failed. */
  readonly untold: number;
}

/** Runs this many clients while HAProxy takes one server after the other out of service and back. */
export async function rollingRestart(count: number): Promise<Outcome> {
  const { run, folder } = await clone();
  const [front, ...ports] = [await freePort(), await freePort(), await freePort()];
  let configuration = readFileSync(join(folder, "examples/haproxy/haproxy.cfg"), "utf8");
  for (const [port, own] of [[4433, front], [4434, ports[0]], [4435, ports[1]]]) {
    configuration = configuration.replace(new RegExp(`(?<= 127\\.0\\.0\\.1:)${port}$`, "m"), String(own));
  }
  using files = new Files();
  await using haproxy = new Running(`haproxy -db -f ${files.write("haproxy.cfg", configuration)}`, folder);
  await using servers = new Servers((port) => run("examples/haproxy/server.ts", port));
  const running = [await servers.start(ports[0]), await servers.start(ports[1])];
  const secret = fromHex(readFileSync(join(folder, "keys/secret"), "utf8"));
  const clients = new BusyClients(front, secret);
  const working = clients.work(count);
  for (const [index, name] of ["first", "second"].entries()) {
    running[index].interrupt();
    await running[index].succeeds();
    await haproxy.says(new RegExp(`servers/${name} is DOWN`));
    running[index] = await servers.start(ports[index]);
    await haproxy.says(new RegExp(`servers/${name} is UP`));
  }
  clients.stop();
  await working;
  for (const server of running) {
    server.interrupt();
    await server.succeeds(); // all of its output has been read
  }
  const taken = new Set(servers.output.split("\n"));
  const { confirmed, failures, rounds } = clients;
  return {
    confirmed: confirmed.length,
    lost: confirmed.filter((text) => !taken.has(`127.0.0.2: ${text}`)),
    failures,
    untold: rounds - confirmed.length / MESSAGES - failures.length,
  };
}

/** Servers that are started one after the other. */
class Servers implements AsyncDisposable {
  readonly #run: (port: number) => Running;
  readonly #all: Running[] = [];

  constructor(run: (port: number) => Running) {
    this.#run = run;
  }

  async start(port: number): Promise<Running> {
    const server = this.#run(port);
    this.#all.push(server);
    await server.port();
    return server;
  }

  get output(): string {
    return this.#all.map(({ output }) => output).join("");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#all) await server[Symbol.asyncDispose]();
  }
}

/** Clients that connect, send messages and close, again and again. */
class BusyClients {
  readonly #port: number;
  readonly #secret: Uint8Array;
  #stopped = false;
  /** The messages of all channels whose close the server has confirmed. */
  readonly confirmed: string[] = [];
  /** What the other channels ended with. */
  readonly failures: unknown[] = [];
  /** The number of channels that were opened. */
  rounds = 0;

  constructor(port: number, secret: Uint8Array) {
    this.#port = port;
    this.#secret = secret;
  }

  stop(): void {
    this.#stopped = true;
  }

  async work(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, async (_, client) => {
      for (let round = 0; !this.#stopped; round++) {
        const texts = Array.from(
          { length: MESSAGES },
          (_, message) => `client ${client}, round ${round}, message ${message}`,
        );
        this.rounds++;
        await this.#send(texts).catch((error) => this.failures.push(error));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }));
  }

  async #send(texts: readonly string[]): Promise<void> {
    // The clients use another address than HAProxy.
    const socket = connectSocket({
      host: "127.0.0.1",
      port: this.#port,
      localAddress: "127.0.0.2",
      allowHalfOpen: true,
    });
    const security = { setting: "native", secret: this.#secret } as const;
    const channel = await connect(fromDuplex(socket), { security });
    for (const text of texts) {
      await channel.send(text);
      await channel.receive();
    }
    await channel.close();
    this.confirmed.push(...texts);
  }
}
