/** The process of a soak's attackers, which connect from several addresses, and reconnect when they are cut off. */
import type { Socket } from "node:net";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { connecting, NETWORKS } from "./address.ts";
import { type Attacker, ATTACKS } from "./attacks.ts";
import { answerAll } from "./child.ts";

/** The questions that this process answers. */
export interface AttackerQuestions {
  /** Begins the attack of this name. */
  readonly begin: null;
  /** Ends the attack, and answers how often an attacker connected. */
  readonly stop: number;
}

/** Milliseconds before an attacker reconnects. */
const PAUSE = 100;

/** Addresses of the attackers. */
const ADDRESSES = 8;

const sockets = new Set<Socket>();
let connections = 0;
let running: { readonly stop: AbortController; readonly attackers: Promise<void>[] } | undefined;

async function attack(attacker: Attacker, index: number, stopped: AbortSignal): Promise<void> {
  while (!stopped.aborted) {
    const socket = connecting(Number(process.argv[2]), NETWORKS.attackers, index % ADDRESSES);
    sockets.add(socket);
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once("connect", resolve);
        socket.once("close", () => reject(new Error("closed")));
        socket.on("error", () => {}); // `close` follows
      });
      connections++;
      await attacker(socket);
    } catch {
      // The server has cut off the attacker, as it should.
    }
    socket.destroy();
    sockets.delete(socket);
    await sleep(stopped.aborted ? 0 : PAUSE);
  }
}

answerAll<AttackerQuestions>({
  begin: async (name) => {
    const stop = new AbortController();
    connections = 0;
    const each = ATTACKS[name].flatMap(([count, attacker]) => Array<Attacker>(count).fill(attacker));
    running = { stop, attackers: each.map((attacker, i) => attack(attacker, i, stop.signal)) };
    return null;
  },
  stop: async () => {
    running!.stop.abort();
    for (const socket of sockets) socket.destroy();
    await Promise.all(running!.attackers);
    return connections;
  },
});
