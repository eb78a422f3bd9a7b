/** The honest clients that stay during a soak: idle channels, and busy channels that check each message that comes back. */
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { type Channel, connect } from "../../mod.ts";
import { equalBytes } from "../../src/bytes.ts";
import { fromSocket } from "../../src/transport/node_duplex.ts";
import { pattern } from "../../tests/_kit/exchange.ts";
import { inParallel } from "../in_parallel.ts";
import { connected, NETWORKS } from "./address.ts";
import { answerAll } from "./child.ts";
import { CLOSE_TIMEOUT, REQUESTS } from "./settings.ts";

/** The questions that this process answers. */
export interface ClientQuestions {
  /** Opens the channels, and begins to send. */
  readonly open: { readonly seconds: number };
  readonly figures: ClientFigures;
  /** Sends one more message over every channel, and closes all. */
  readonly close: ClientFigures;
}

/** The figures of the channels so far. */
export interface ClientFigures {
  /** The number of messages that came back correctly, and of wrong ones. */
  readonly echoes: number;
  readonly wrong: number;
  /** Channels that ended with an error, and the first of these errors. */
  readonly lost: number;
  readonly firstError: string | undefined;
  /** Changes of keys in the busy channels. */
  readonly keyChanges: number;
  /** Channels that were closed in order. */
  readonly closed: number;
}

/** Channels that are opened, or closed, at a time. */
const AT_ONCE = 8;

/** Addresses of these clients. */
const ADDRESSES = 64;

/** The largest message of a busy channel in bytes, and the average pause between two messages in milliseconds. */
const LARGEST = 16_384;
const PAUSE = 1_000;

/** One in `oneIn` busy channels uses FESA's RSA key exchange with 3DES, and sends faster, so that its keys are changed. */
const FESA = { oneIn: 50, faster: 10 };

/** One in `oneIn` of the other channels uses `certificate`. The rest use `native`, whose handshakes take less time. */
const CERTIFICATE = { oneIn: 4 };

const [port, idle, busy] = process.argv.slice(2).map(Number);
const channels: Channel[] = [];
const counts = { echoes: 0, wrong: 0, lost: 0, closed: 0 };
let firstError: string | undefined;
let closing = false;
const working: Promise<void>[] = [];

/** Opens a channel. A channel that cannot be opened counts as lost. */
async function open(index: number): Promise<void> {
  try {
    await begin(index);
  } catch (error) {
    counts.lost++;
    firstError ??= `opening: ${error}`;
  }
}

async function begin(index: number): Promise<void> {
  const isBusy = index < busy;
  const isFesa = isBusy && index % FESA.oneIn === 0;
  const kind = isFesa ? "fesa" : index % CERTIFICATE.oneIn === 0 ? "certificate" : "native";
  const socket = await connected(port, NETWORKS.clients, index % ADDRESSES);
  const channel = await connect(fromSocket(socket), {
    security: REQUESTS[kind],
    handshakeTimeout: 0,
    closeTimeout: CLOSE_TIMEOUT,
  });
  channels.push(channel);
  channel.closed.then(() => counts.closed++, (error) => {
    counts.lost++;
    firstError ??= `${kind}${isBusy ? ", busy" : ""}${closing ? ", closing" : ""}: ${error}`;
  });
  const pause = isFesa ? PAUSE / FESA.faster : PAUSE;
  if (isBusy) working.push(work(channel, index, pause).catch(() => {})); // its failure shows in `closed`
}

async function work(channel: Channel, seed: number, pause: number): Promise<void> {
  for (let round = 0; !closing; round++) {
    await echo(channel, seed * 1_000 + round);
    await sleep(2 * pause * Math.random());
  }
}

/** Sends a message, and compares it with what comes back. */
async function echo(channel: Channel, seed: number): Promise<void> {
  const message = pattern(1 + Math.floor(LARGEST * Math.random()), seed);
  await channel.send(message);
  const back = await channel.receive();
  if (back !== null && equalBytes(back, message)) counts.echoes++;
  else counts.wrong++;
}

/** Sends one more message, and closes. A failure shows in `closed`. */
async function leave(channel: Channel, seed: number): Promise<void> {
  await echo(channel, seed).catch(() => {});
  await channel.close().catch(() => {});
}

function figures(): ClientFigures {
  const keyChanges = channels.reduce((sum, { stats }) => sum + stats.keyExchanges - 1, 0);
  return { ...counts, firstError, keyChanges };
}

answerAll<ClientQuestions>({
  open: async () => {
    const begun = performance.now();
    await inParallel(AT_ONCE, Array.from({ length: idle + busy }, (_, index) => () => open(index)));
    return { seconds: (performance.now() - begun) / 1000 };
  },
  figures: async () => figures(),
  close: async () => {
    closing = true;
    await Promise.all(working);
    await inParallel(AT_ONCE, channels.map((channel, seed) => () => leave(channel, seed)));
    return figures();
  },
});
