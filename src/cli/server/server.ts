/** The server of `fesa serve`: what it does with each channel, and how its security is replaced while it runs. */

import { unlink } from "node:fs/promises";
import process from "node:process";
import type { TlsAlpnChallenges } from "../../acme/mod.ts";
import type { Channel } from "../../channel/channel.ts";
import { serve as serveChannels } from "../../channel/serve.ts";
import type { AcceptSecurity } from "../../channel/settings/mod.ts";
import type { Connection } from "../../server/server.ts";
import { dial, listen, listenWebSocket } from "../../transport/node.ts";
import { errorLine, type Io } from "../command.ts";
import { parseDestination, parsePlace } from "../endpoint.ts";
import { receiveFiles } from "../file_transfer.ts";
import { makeFolder, writeNewFile } from "../files.ts";
import { interruptible, serveUntilInterrupted } from "../listening.ts";
import { isClosed, relay, transportStream } from "../relay.ts";
import type { ServerConfig } from "./config.ts";
import { Inbox } from "./inbox.ts";
import { limitsOf } from "./limits.ts";
import { Log } from "./log.ts";
import { workerId } from "./workers.ts";

/** The largest file that is received by default, in bytes. */
const MAX_FILE_SIZE = 4 * 1024 ** 3;

/** Milliseconds for channels to close in order when the server ends. */
const GRACE = 5_000;

/** A configuration, with its security loaded. */
export interface LoadedConfig {
  readonly config: ServerConfig;
  readonly security: readonly AcceptSecurity[];
}

/** A running server. No client can end it; a client's error is one line on standard error. */
export class Server {
  readonly #config: ServerConfig;
  readonly #challenges: TlsAlpnChallenges;
  #security: readonly AcceptSecurity[];
  readonly #io: Io;
  readonly #log: Log;
  #reloaded: Promise<void> = Promise.resolve();

  /** Offers the answers to a CA's challenges in addition to `security`. */
  constructor(
    config: ServerConfig,
    challenges: TlsAlpnChallenges,
    security: readonly AcceptSecurity[],
    io: Io,
  ) {
    this.#config = config;
    this.#challenges = challenges;
    this.#security = security;
    this.#io = io;
    this.#log = logOf(config, io);
  }

  /** Serves until the signal fires, and then closes in order what is still open. */
  async run(): Promise<void> {
    const { listen: where, socketMode, proxyProtocol, websocket, origins, paths, pidFile, drain = 0 } =
      this.#config;
    const inbox = await this.#openInbox();
    const endpoint = {
      ...parsePlace(where, "listen"),
      mode: socketMode === undefined ? undefined : parseInt(socketMode, 8),
      proxyProtocol,
    };
    const anyOrigin = origins?.includes("*");
    const listener = websocket
      ? await listenWebSocket({ ...endpoint, origins: anyOrigin ? "*" : origins, paths })
      : await listen(endpoint);
    const server = serveChannels(listener, {
      security: () => [...this.#challenges.security, ...this.#security],
      crypto: this.#config.crypto,
      ...limitsOf(this.#config),
      onError: (error, transport) => {
        if (transport === undefined) return this.#log.server("error", errorLine(error));
      },
      onEvent: (event) => this.#log.connection(event), // the last event has the error that ended the connection
    }, async (channel, connection) => {
      connection.closing.addEventListener("abort", () => endAfter(drain, channel));
      await interruptible(this.#io.signal, () => this.#work(channel, connection, inbox));
    });
    const ownFile = workerId === undefined ? pidFile : undefined;
    await withPidFile(
      ownFile,
      () => serveUntilInterrupted(server, listener, this.#io, { grace: drain + GRACE }),
    );
  }

  async #openInbox(): Promise<Inbox | undefined> {
    const { receiveDir, maxFileSize = MAX_FILE_SIZE, receiveQuota } = this.#config;
    if (receiveDir === undefined) return undefined;
    await makeFolder(receiveDir);
    const inbox = new Inbox(receiveDir, { maxFileSize, quota: receiveQuota });
    await inbox.clean();
    return inbox;
  }

  /** Serves new connections with the result of `load`, or as before if that fails. Calls wait for each other, so the last one counts. */
  reload(load: () => Promise<LoadedConfig>): Promise<void> {
    return this.#reloaded = this.#reloaded.then(() => this.#reload(load));
  }

  async #reload(load: () => Promise<LoadedConfig>): Promise<void> {
    try {
      const { config, security } = await load();
      this.#security = security;
      await this.#log.server("info", "keys, certificates and secrets were read again");
      const changed = changedFields(this.#config, config);
      if (changed.length > 0) {
        await this.#log.server("warning", `changed, but used only after a restart: ${changed.join(", ")}`);
      }
    } catch (error) {
      await this.#log.server(
        "error",
        `keys, certificates and secrets are unchanged: ${errorLine(error)}`,
      );
    }
  }

  async #work(channel: Channel, connection: Connection, inbox: Inbox | undefined): Promise<void> {
    const { forward } = this.#config;
    if (inbox !== undefined) {
      await receiveFiles(
        channel,
        inbox,
        ({ name, size, sha256 }) => this.#log.work(connection, `${name}, ${size} bytes, SHA-256 ${sha256}`),
      );
    } else if (forward !== undefined) {
      const target = await dial({ ...parseDestination(forward, "forward"), signal: this.#io.signal });
      await relay(channel, transportStream(target));
    } else {
      await echo(channel);
    }
  }
}

/** The fields beside `security` in which two configurations differ. */
function changedFields(before: ServerConfig, after: ServerConfig): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof ServerConfig>;
  names.delete("security");
  return [...names].filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}

/** Closes a channel that does not end within this time. */
function endAfter(milliseconds: number, channel: Channel): void {
  const timer = setTimeout(() => void channel.close(), milliseconds);
  channel.closed.catch(() => {}).finally(() => clearTimeout(timer));
}

/** Sends each message back, and so the bytes of an ordinary TLS client, too. */
async function echo(channel: Channel): Promise<void> {
  try {
    for await (const message of channel) await channel.send(message);
  } catch (error) {
    if (!isClosed(error)) throw error; // the peer has closed meanwhile
  }
}

/** Opens the log that a configuration describes. */
export function logOf({ log = "text" }: Pick<ServerConfig, "log">, io: Io): Log {
  return new Log(log, io.stderr, workerId);
}

/** Keeps the process ID in a file while `work` goes on. */
export async function withPidFile(path: string | undefined, work: () => Promise<void>): Promise<void> {
  if (path === undefined) return await work();
  await writeNewFile(path, `${process.pid}\n`, { force: true });
  await work();
  await unlink(path).catch(() => {}); // it may be gone already
}
