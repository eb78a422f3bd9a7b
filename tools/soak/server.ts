/** The server of a soak, in a separate process. It sends messages back, and measures itself. */
import { readdirSync } from "node:fs";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { LoopWatch } from "../../bench/_thread_time.ts";
import { serve } from "../../mod.ts";
import { listen } from "../../src/transport/node.ts";
import { answerAll } from "./child.ts";
import { CLOSE_TIMEOUT, OFFERS } from "./settings.ts";

/** The questions that this process answers. */
export interface ServerQuestions {
  readonly port: number;
  readonly load: Load;
  readonly holdings: Holdings;
}

/** The load since the last answer. */
export interface Load {
  /** The longest turn of the event loop, in milliseconds of processor time. */
  readonly longestTurn: number;
  /** The most memory of the process, in bytes. */
  readonly resident: number;
}

/** The resources of the process after garbage collection. */
export interface Holdings {
  /** The JavaScript heap and its buffers, in bytes. */
  readonly heap: number;
  readonly resident: number;
  readonly descriptors: number;
  readonly connections: number;
  /** Timers that keep the process alive. */
  readonly timers: number;
  /** Errors of handlers that are not a ChannelError, and rejections that nobody handled. */
  readonly faults: readonly string[];
}

/** The largest message that is sent back, in bytes. Larger and empty messages are only received. */
const LARGEST_ECHO = 65_536;

/** The limit on unfinished messages. It is lower than the default, so that the soak needs less memory. */
const MAX_UNFINISHED_BYTES = 64 * 2 ** 20;

const faults: string[] = [];
process.on("unhandledRejection", (error) => faults.push(`an unhandled rejection: ${error}`));

const listener = await listen();
const server = serve(listener, {
  security: OFFERS,
  maxConnections: 20_000,
  maxUnfinishedBytes: MAX_UNFINISHED_BYTES,
  closeTimeout: CLOSE_TIMEOUT,
  onError: () => {},
  onEvent: ({ reason, error }) => {
    if (reason === "failed") faults.push(String(error));
  },
}, async (channel) => {
  for await (const message of channel) {
    if (message.length > 0 && message.length <= LARGEST_ECHO) await channel.send(message);
  }
});

const loop = new LoopWatch();
let resident = 0;
setInterval(() => resident = Math.max(resident, process.memoryUsage.rss()), 100).unref();

answerAll<ServerQuestions>({
  port: async () => listener.port,
  load: async () => {
    const load = { longestTurn: loop.figures().longestTurn, resident };
    resident = 0;
    return load;
  },
  holdings: async () => {
    for (let i = 0; i < 4; i++) {
      (globalThis as { gc?: () => void }).gc!();
      await sleep(100);
    }
    loop.figures(); // garbage collection on request is not a turn of the server's
    const { heapUsed, external, rss } = process.memoryUsage();
    return {
      heap: heapUsed + external,
      resident: rss,
      descriptors: countDescriptors(),
      connections: server.connections,
      timers: process.getActiveResourcesInfo().filter((name) => name === "Timeout").length,
      faults,
    };
  },
});

/** Counts the open files where the system lists them; elsewhere, what keeps this process alive. */
function countDescriptors(): number {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return process.getActiveResourcesInfo().filter((name) => name !== "Timeout").length;
  }
}
