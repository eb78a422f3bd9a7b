/** Runs trials with one server and its clients, one after the other, and judges each of them. */
import type { ChannelOptions } from "../../mod.ts";
import { type Random, seededRandom } from "../../tests/_kit/mutate.ts";
import type { ProcessFamily } from "../runtimes.ts";
import { End } from "./end.ts";
import { chooseFault, type Fault, isHarmless } from "./faults.ts";
import { Proxy } from "./proxy.ts";
import { type Listening, type Order, type Report, SETTINGS } from "./trial.ts";

/** The longest time for an end, in milliseconds, even on a slow machine. It is far longer than the end's own limits. */
const PATIENCE = 300_000;

/**
 * The limits of trials with a harmful fault: short, so that silence is detected soon, but long enough for a busy machine.
 */
const HASTY: ChannelOptions = {
  handshakeTimeout: 20_000,
  closeTimeout: 5_000,
  keepAlive: 2_500,
  idleTimeout: 10_000,
};

/** The limits of trials with a harmless fault: long, so that a busy machine does not cause a failure. */
const PATIENT: ChannelOptions = { handshakeTimeout: 120_000, closeTimeout: 120_000 };

/** The result of a trial. */
export interface Judged {
  readonly fault: Fault;
  readonly text: string;
  /** How the client's channel ended, if the client was left alive. */
  readonly ended: string | undefined;
  /** The violations that were found. */
  readonly complaints: readonly string[];
}

/** How a trial ended. */
type Verdict = Pick<Judged, "ended" | "complaints">;

/** A server on one runtime, and clients on each. */
export class Lane {
  readonly #family: ProcessFamily;
  readonly #clients = new Map<ProcessFamily, End>();
  #server: End | undefined;
  /** The ports on which the server listens, for each set of limits. */
  #listening: Listening | undefined;

  constructor(family: ProcessFamily) {
    this.#family = family;
  }

  /** Runs the trial of this seed. */
  async run(seed: number, families: readonly ProcessFamily[]): Promise<Judged> {
    const random = seededRandom(seed);
    const setting = SETTINGS[random(SETTINGS.length)];
    const fault = chooseFault(random, setting);
    const family = families[random(families.length)];
    const { hasty, patient } = await this.#start();
    const ports = isHarmless(fault.kind) ? patient : hasty;
    const transport = ports.websocket && random(2) === 0 ? "websocket" : "tcp";
    const proxy = await Proxy.start(transport === "tcp" ? ports.tcp : ports.websocket!, fault);
    const order: Order = {
      trial: seed,
      transport,
      port: proxy.port,
      setting,
      limits: isHarmless(fault.kind) ? PATIENT : HASTY,
      conversation: { seed, there: random(12), back: random(12) },
    };
    const text =
      `seed ${seed}: ${fault.kind} at ${fault.offset} ${fault.direction}, ${setting} over ${transport}, ` +
      `${family} to ${this.#family}`;
    try {
      const verdict = await this.#try(order, family, proxy, random);
      if (verdict.complaints.length > 0) await this.end(); // the next trial must not get what they still report
      return { fault, text, ...verdict };
    } finally {
      proxy.end();
    }
  }

  /** Ends the processes. */
  async end(): Promise<void> {
    await Promise.all([this.#server, ...this.#clients.values()].map((end) => end?.kill()));
    this.#server = this.#listening = undefined;
    this.#clients.clear();
  }

  async #start(): Promise<Listening> {
    if (this.#server && this.#listening) return this.#listening;
    this.#server = new End(this.#family, "serve", JSON.stringify({ hasty: HASTY, patient: PATIENT }));
    const listening = await this.#server.next(PATIENCE) as Listening | undefined;
    if (listening === undefined) throw new Error("the server does not start");
    return this.#listening = listening;
  }

  async #try(order: Order, family: ProcessFamily, proxy: Proxy, random: Random): Promise<Verdict> {
    const client = this.#clients.get(family) ?? new End(family);
    this.#clients.set(family, client);
    const server = this.#server!;
    const { kind } = proxy.fault;
    client.order(order);
    if (kind === "kill-client" || kind === "kill-server") {
      await new Promise((resolve) => setTimeout(resolve, random(400)));
      const killed = kind === "kill-client" ? client : server;
      await killed.kill();
      const survivor = killed === client ? server : client;
      // A server that no client reached reports nothing.
      const report = killed === client && !proxy.reached ? null : await next(survivor);
      await server.kill(); // so that the next trial does not get its report
      this.#server = this.#listening = undefined;
      if (killed === client) this.#clients.delete(family);
      const complaints = report === undefined
        ? ["the other end does not end"]
        : report === null
        ? []
        : complaintsOf(report, "the other end");
      return { ended: undefined, complaints };
    }
    const ours = await next(client);
    let theirs = await next(server);
    // The server also reports connections that did not become this conversation, such as an attempt that was
    // repeated.
    while (theirs && theirs.seed !== order.trial && (theirs.seed !== undefined || ours?.ended === "closed")) {
      theirs = await next(server);
    }
    return { ended: ours?.ended, complaints: judge(order, ours, theirs, kind) };
  }
}

/** Returns the next report of an end. */
async function next(end: End): Promise<Report | undefined> {
  return await end.next(PATIENCE) as Report | undefined;
}

function judge(
  { conversation }: Order,
  client: Report | undefined,
  server: Report | undefined,
  kind: Fault["kind"],
): string[] {
  if (!client || !server) return [`${client ? "the server" : "the client"} does not end`];
  const complaints = [...complaintsOf(client, "the client"), ...complaintsOf(server, "the server")];
  const { there, back } = conversation;
  if (client.ended === "closed" && server.received !== there) {
    complaints.push(`the client's ${there} messages were confirmed, and ${server.received} arrived`);
  }
  if (server.ended === "closed" && server.seed !== undefined && client.received !== back) {
    complaints.push(`the server's ${back} messages were confirmed, and ${client.received} arrived`);
  }
  if (isHarmless(kind) && (client.ended !== "closed" || server.ended !== "closed")) {
    complaints.push(`nothing went wrong, and they ended with ${client.ended} and ${server.ended}`);
  }
  return complaints;
}

function complaintsOf({ wrong, fault }: Report, who: string): string[] {
  return [
    ...(wrong ? [`${who} was given a message that was not sent`] : []),
    ...(fault ? [`${who}: ${fault}`] : []),
  ];
}
