/**
 * One end of many channels, on any runtime. Serves every setting at the ports that it prints, and connects as its standard
 * input says; prints one line of JSON for each channel that has ended.
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { accept, type Channel, ChannelError, type ChannelOptions, connect } from "../../mod.ts";
import { equalBytes, fromUtf8, toUtf8 } from "../../src/bytes.ts";
import { webSocketTransport } from "../../src/transport/websocket/mod.ts";
import type { Transport } from "../../src/connection.ts";
import { pattern } from "../../tests/_kit/exchange.ts";
import { security } from "./settings.ts";
import {
  type Conversation,
  type Listening,
  messageLength,
  type Order,
  type Ports,
  type Report,
} from "./trial.ts";

const family = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";
const { dial, listen } = family === "deno"
  ? await import("../../src/transport/deno.ts")
  : family === "bun"
  ? await import("../../src/transport/bun.ts")
  : await import("../../src/transport/node.ts");

const print = (value: object): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
process.on("unhandledRejection", (error) => {
  print({ fault: `an unhandled rejection: ${error instanceof Error ? error.stack : error}` });
});

if (process.argv[2] === "serve") await serveAll();
else for await (const line of createInterface({ input: process.stdin })) void run(JSON.parse(line));

async function serveAll(): Promise<void> {
  const { hasty, patient }: Record<keyof Listening, ChannelOptions> = JSON.parse(process.argv[3]);
  const listening: Listening = { hasty: await serveWith(hasty), patient: await serveWith(patient) };
  print(listening);
}

async function serveWith(limits: ChannelOptions): Promise<Ports> {
  const listener = await listen();
  const webSockets = family === "node"
    ? await (await import("../../src/transport/node.ts")).listenWebSocket()
    : undefined;
  const serve = async (connections: AsyncIterable<Transport>): Promise<void> => {
    for await (const transport of connections) void answer(transport, limits);
  };
  void serve(listener);
  if (webSockets) void serve(webSockets);
  return { tcp: listener.port, websocket: webSockets?.port };
}

async function answer(transport: Transport, limits: ChannelOptions): Promise<void> {
  print(await talk(() => accept(transport, { ...limits, security: security.offers })));
}

async function run({ trial, transport, port, setting, limits, conversation }: Order): Promise<void> {
  const open = async (): Promise<Transport> => {
    const url = `ws://127.0.0.1:${port}/`;
    if (transport === "tcp") return await dial({ host: "127.0.0.1", port });
    if (family !== "node") return webSocketTransport(url);
    return await (await import("../../src/transport/node.ts")).dialWebSocket(url);
  };
  const report = await talk(
    async () => await connect(await open(), { ...limits, security: security.requests[setting] }),
    conversation,
  );
  print({ trial, ...report });
}

/** Runs both directions of a conversation to its end. The client announces its length. */
async function talk(open: () => Promise<Channel>, own?: Conversation): Promise<Report> {
  let [received, wrong] = [0, false];
  let channel: Channel | undefined;
  let conversation = own;
  try {
    channel = await open();
    if (own) await channel.send(JSON.stringify(own));
    else {
      const first = await channel.receive();
      if (first === null) return { received, ended: "closed" };
      conversation = JSON.parse(fromUtf8(first)) as Conversation;
    }
    const { seed, there, back } = conversation!;
    const [outgoing, incoming] = own ? [there, back] : [back, there];
    const send = async (to: Channel): Promise<void> => {
      for (let i = 0; i < outgoing; i++) await to.send(messageOf(seed + (own ? 0 : 500), i));
      await to.end();
    };
    const receive = async (from: Channel): Promise<void> => {
      for await (const message of from) {
        const expected = messageOf(seed + (own ? 500 : 0), received);
        wrong ||= received >= incoming || !equalBytes(message, expected);
        received++;
      }
    };
    const both = await Promise.allSettled([send(channel), receive(channel)]);
    for (const direction of both) if (direction.status === "rejected") throw direction.reason;
    await channel.close();
    return { ...conversation, received, wrong, ended: "closed" };
  } catch (error) {
    const repeated = channel === undefined || await repeats(channel);
    if (!(error instanceof ChannelError)) {
      return { received, wrong, fault: `not a ChannelError: ${error}`, ended: "failed" };
    }
    if (!repeated) return { received, wrong, fault: "a later call has another error", ended: error.code };
    return { ...conversation, received, wrong, ended: error.code };
  }
}

/** Returns whether every later call repeats the error that ended the channel. */
async function repeats(channel: Channel): Promise<boolean> {
  const of = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => undefined, (error) => error);
  const end = await of(channel.closed);
  const drained = async (): Promise<void> => {
    while (await channel.receive() !== null);
  };
  return end instanceof ChannelError && await of(channel.send(toUtf8("more"))) === end &&
    await of(drained()) === end && await of(channel.close()) === end;
}

function messageOf(seed: number, index: number): Uint8Array {
  return pattern(messageLength(seed, index), seed * 1000 + index + 1);
}
