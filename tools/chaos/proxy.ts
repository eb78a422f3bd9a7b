/** A proxy on the loopback address that passes one connection on, with a fault. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "./faults.ts";

/** The time in milliseconds after which a trickle is cut. Otherwise it would continue to its last byte. */
const TRICKLE = 5_000;

const SPLIT_BYTES = 3_000;

/** The proxy for one trial. */
export class Proxy {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets: Socket[] = [];
  /** The fault. */
  readonly fault: Fault;
  #isStalled = false;

  private constructor(server: Server, target: number, fault: Fault) {
    this.#server = server;
    this.fault = fault;
    this.port = (server.address() as AddressInfo).port;
    server.on("connection", (client) => {
      const upstream = connect({ host: "127.0.0.1", port: target, allowHalfOpen: true, noDelay: true });
      for (const socket of [client, upstream]) {
        this.#sockets.push(socket);
        socket.on("error", () => this.end());
      }
      void this.#pass(client, upstream, "there");
      void this.#pass(upstream, client, "back");
    });
  }

  /** Starts a proxy in front of the server at a port. */
  static async start(target: number, fault: Fault): Promise<Proxy> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new Proxy(server, target, fault);
  }

  /** Whether a client has connected. */
  get reached(): boolean {
    return this.#sockets.length > 0;
  }

  /** Ends everything. */
  end(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #pass(from: Socket, to: Socket, direction: Fault["direction"]): Promise<void> {
    const isHit = direction === this.fault.direction;
    let passed = 0;
    try {
      for await (const chunk of from as AsyncIterable<Uint8Array>) {
        const at = this.fault.offset - passed;
        passed += chunk.length;
        const isAfter = isHit && at < chunk.length;
        if (!await this.#deliver(chunk, to, { at: Math.max(0, at), isAfter, isNow: isAfter && at >= 0 })) {
          return;
        }
      }
      if (!this.#isStalled) to.end();
    } catch {
      this.end();
    }
  }

  /** Passes a chunk on. Returns false if nothing more is to be passed. */
  async #deliver(
    chunk: Uint8Array,
    to: Socket,
    { at, isAfter, isNow }: { at: number; isAfter: boolean; isNow: boolean },
  ): Promise<boolean> {
    const { kind, amount } = this.fault;
    if (this.#isStalled) return true;
    if (kind === "delay" && amount % 3 === 0) await sleep(amount % 20);
    if (!isAfter) return await write(to, chunk);
    if (kind === "trickle") return await this.#trickle(chunk.subarray(at), to);
    if (!isNow) return await write(to, chunk);
    const [head, tail] = [chunk.subarray(0, at), chunk.subarray(at)];
    switch (kind) {
      case "cut":
        await write(to, head);
        this.end();
        return false;
      case "reset":
        for (const socket of this.#sockets) socket.resetAndDestroy();
        this.#server.close();
        return false;
      case "half-close":
        await write(to, head);
        to.end();
        return false;
      case "stall":
        this.#isStalled = true;
        return await write(to, head);
      case "flip":
        return await write(to, chunk.map((byte, i) => i === at ? byte ^ 1 << amount % 8 : byte));
      case "drop":
        return await write(to, head) && await write(to, tail.subarray(amount));
      case "duplicate":
        return await write(to, chunk) && await write(to, tail);
      case "reorder":
        return await write(to, tail) && await write(to, head);
      case "split":
        for (let i = 0; i < Math.min(chunk.length, SPLIT_BYTES); i += amount) {
          await write(to, chunk.subarray(i, Math.min(i + amount, SPLIT_BYTES)));
        }
        return await write(to, chunk.subarray(SPLIT_BYTES));
      default:
        return await write(to, chunk);
    }
  }

  /** Passes one byte a second. */
  async #trickle(bytes: Uint8Array, to: Socket): Promise<boolean> {
    for (let i = 0; i < bytes.length && i * 1_000 < TRICKLE; i++) {
      await write(to, bytes.subarray(i, i + 1));
      await sleep(1_000);
    }
    this.end();
    return false;
  }
}

function write(to: Socket, bytes: Uint8Array): Promise<boolean> {
  if (bytes.length === 0) return Promise.resolve(true);
  return new Promise((resolve) => to.write(bytes, (error) => resolve(!error)));
}
