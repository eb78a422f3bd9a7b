/** The log of a server: one line for each event, as text or as JSON. */

import type { ChannelInfo, PeerInfo } from "../../channel/info.ts";
import type { ServeEvent } from "../../channel/serve.ts";
import type { Connection } from "../../server/server.ts";
import { printable } from "../../printable.ts";
import { channelLine } from "../channel_line.ts";
import { errorLine, type Output } from "../command.ts";
import { nativeKeyText } from "../credentials/native_key.ts";
import { formatPeer } from "../endpoint.ts";

/** The format of lines. */
export type LogFormat = "text" | "json";

type Level = "info" | "warning" | "error";

/** The fields of a line beside its time and level. */
type Facts = Readonly<Record<string, string | number | undefined>>;

/** Writes lines. */
export class Log {
  readonly #format: LogFormat;
  readonly #output: Output;
  readonly #worker: number | undefined;

  /** `worker` is the number of this process, if it is a worker. */
  constructor(format: LogFormat, output: Output, worker?: number) {
    this.#format = format;
    this.#output = output;
    this.#worker = worker;
  }

  /** Logs an event of the server itself. */
  async server(level: Level, message: string): Promise<void> {
    await this.#write(level, message, { event: "server", message });
  }

  /** Logs the result of a connection's work, such as a received file. */
  async work(connection: Connection, message: string): Promise<void> {
    await this.#write("info", `${nameOf(connection)}: ${message}`, {
      event: "work",
      ...whose(connection),
      message,
    });
  }

  /** Logs an event of a connection that has a channel. */
  async connection(event: ServeEvent): Promise<void> {
    if (event.type === "opened") return;
    const { connection, channel, error } = event;
    const what = event.type === "ended" ? endLine(event) : establishedLine(channel!.info);
    const facts = { event: event.type, ...whose(connection), ...factsOf(event) };
    await this.#write(error === undefined ? "info" : "warning", `${nameOf(connection)}: ${what}`, facts);
  }

  async #write(level: Level, text: string, facts: Facts): Promise<void> {
    const time = new Date().toISOString();
    const line = this.#format === "json"
      ? JSON.stringify({ time, level, worker: this.#worker, ...facts })
      : `${time} ${level} ${this.#worker === undefined ? "" : `worker ${this.#worker} `}${text}`;
    await this.#output.write(`${line}\n`).catch(() => {}); // the server goes on without its log
  }
}

function nameOf({ number, peer }: Connection): string {
  return `#${number}${peer === undefined ? "" : ` ${formatPeer(peer)}`}`;
}

function whose({ number, peer }: Connection): Facts {
  return { connection: number, address: peer?.address, port: peer?.port };
}

/** What was negotiated, and who the client is if it has shown credentials. */
function establishedLine(info: ChannelInfo): string {
  const { subject, pin, publicKey } = identityOf(info.peer);
  const client = subject ?? pin ?? publicKey;
  return `${channelLine(info)}${client === undefined ? "" : `, client ${printable(client)}`}`;
}

/** Who a client is: the subject of its certificate, the pin of its key, or its X25519 key. */
function identityOf(
  { certificates, pin, staticKey }: PeerInfo,
): Readonly<Record<string, string | undefined>> {
  return {
    subject: certificates?.[0].subject.toString() || undefined,
    pin,
    publicKey: staticKey && nativeKeyText(staticKey),
  };
}

function endLine({ milliseconds, channel, error }: ServeEvent): string {
  const { wireReceived = 0, wireSent = 0 } = channel?.stats ?? {};
  const seconds = (milliseconds / 1000).toFixed(1);
  const bytes = channel === undefined ? "" : `, ${wireReceived} bytes in, ${wireSent} bytes out`;
  return `ended after ${seconds} s${bytes}: ${error === undefined ? "closed" : errorLine(error)}`;
}

function factsOf({ type, milliseconds, reason, error, channel }: ServeEvent): Facts {
  const { info, stats } = channel ?? {};
  const agreed = {
    setting: info?.setting,
    protocol: info?.protocol,
    suite: info?.cipherSuite,
    group: info?.group,
    ...info && identityOf(info.peer),
    handshake: rounded(info?.handshake.milliseconds),
  };
  if (type !== "ended") return agreed;
  return {
    ...agreed,
    bytesIn: stats?.wireReceived,
    bytesOut: stats?.wireSent,
    messagesIn: stats?.messagesReceived,
    messagesOut: stats?.messagesSent,
    duration: rounded(milliseconds),
    reason,
    message: error === undefined ? undefined : errorLine(error),
  };
}

/** Milliseconds to the tenth. */
function rounded(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : Number(milliseconds.toFixed(1));
}
