/** Honest clients that come and go during a soak, and one that stays. Measures how long each waits for its answer. */
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { type Channel, connect } from "../../mod.ts";
import { fromSocket } from "../../src/transport/node_duplex.ts";
import { connected, NETWORKS } from "./address.ts";
import { answerAll } from "./child.ts";
import { CLOSE_TIMEOUT, REQUESTS } from "./settings.ts";

/** The questions that this process answers. */
export interface NewcomerQuestions {
  /** Begins. */
  readonly begin: null;
  /** What was measured since the last answer. */
  readonly figures: NewcomerFigures;
}

/** The waits of newcomers, and of messages over a channel that stays, in milliseconds. */
export interface NewcomerFigures {
  readonly newcomers: readonly number[];
  readonly messages: readonly number[];
  /** The errors of clients that were not served. */
  readonly refused: readonly string[];
}

/** Milliseconds between two newcomers, and between two messages. */
const PAUSE = 100;

const port = Number(process.argv[2]);
let newcomers: number[] = [];
let messages: number[] = [];
let refused: string[] = [];

async function enter(kind: keyof typeof REQUESTS): Promise<Channel> {
  const socket = await connected(port, NETWORKS.newcomers, 0);
  return await connect(fromSocket(socket), { security: REQUESTS[kind], closeTimeout: CLOSE_TIMEOUT });
}

async function answered(channel: Channel): Promise<void> {
  await channel.send("hello");
  if (await channel.receive() === null) throw new Error("the server closed");
}

async function comeAndGo(): Promise<void> {
  for (let count = 0;; count++) {
    const begun = performance.now();
    try {
      const channel = await enter(count % 2 === 0 ? "certificate" : "native");
      await answered(channel);
      newcomers.push(performance.now() - begun);
      await channel.close();
    } catch (error) {
      refused.push(String(error));
    }
    await sleep(PAUSE);
  }
}

async function stay(): Promise<void> {
  const channel = await enter("native");
  for (;;) {
    const begun = performance.now();
    await answered(channel);
    messages.push(performance.now() - begun);
    await sleep(PAUSE);
  }
}

answerAll<NewcomerQuestions>({
  begin: async () => {
    void comeAndGo();
    stay().catch((error) => refused.push(`the one that stays: ${error}`));
    return null;
  },
  figures: async () => {
    const figures = { newcomers, messages, refused };
    [newcomers, messages, refused] = [[], [], []];
    return figures;
  },
});
