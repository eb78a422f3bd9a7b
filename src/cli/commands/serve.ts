/** `fesa serve`: a server for channels. */

import { unlink } from "node:fs/promises";
import process from "node:process";
import { TlsAlpnChallenges } from "../../acme/mod.ts";
import type { Channel } from "../../channel/channel.ts";
import type { AcceptSecurity } from "../../channel/settings/mod.ts";
import { serve as serveChannels } from "../../channel/serve.ts";
import type { Connection } from "../../server/server.ts";
import { dial, listen, listenWebSocket } from "../../transport/node.ts";
import { ACME_OPTIONS } from "../acme/config.ts";
import { RenewedCertificate } from "../acme/renewing.ts";
import { type Arguments, type Command, errorLine, type Io, UsageError } from "../command.ts";
import { parseDestination, parsePlace } from "../endpoint.ts";
import { makeFolder, writeNewFile } from "../files.ts";
import { receiveFiles } from "../file_transfer.ts";
import { Inbox } from "../inbox.ts";
import { KEY_LOG_OPTION, openKeyLog } from "../key_log.ts";
import { interruptible, serveUntilInterrupted } from "../listening.ts";
import { Log } from "../log.ts";
import { ALLOW_WEAK_OPTION, KEY_EXCHANGE_OPTION } from "../options.ts";
import { PASSPHRASE_OPTION } from "../passphrase.ts";
import { isClosed, relay, transportStream } from "../relay.ts";
import { serverFromArguments } from "../server_arguments.ts";
import { filesOf, readServerConfig, type ServerConfig, type SettingConfig } from "../server_config.ts";
import { LIMIT_OPTIONS, limitsOf } from "../server_limits.ts";
import { openSetting } from "../server_security.ts";
import { watchFiles } from "../watch.ts";
import { superviseWorkers, workerId } from "../workers.ts";

/** The largest file that is received by default, in bytes. */
const MAX_FILE_SIZE = 4 * 1024 ** 3;

/** Milliseconds for channels to close in order when the server ends. */
const GRACE = 5_000;

/** Serves until it is interrupted. */
export const serve: Command = {
  name: "serve",
  summary: "serve channels: echo, receive files, or forward to another program",
  usage: [
    "--listen HOST:PORT --setting certificate --certificate chain.pem --key key.pem",
    "--listen HOST:PORT --setting certificate --acme --domain NAME --agree-tos",
    "--listen HOST:PORT --setting key --key key.pem --forward HOST:PORT [--alpn http/1.1]",
    "--listen HOST:PORT --setting native --secret-file FILE --receive-dir DIR",
    "--listen HOST:PORT --setting native --native-key native.pem",
    "--listen HOST:PORT --setting off",
    "--config server.json",
  ],
  examples: [
    "--listen 127.0.0.1:4433 --setting certificate --certificate certificate.pem --key key.pem",
    "--listen 0.0.0.0:4433 --setting native --secret-file secret --receive-dir inbox",
  ],
  options: {
    listen: {
      type: "string",
      value: "HOST:PORT",
      help: "where to listen, or unix:PATH; port 0 takes a free one",
    },
    "socket-mode": { type: "string", value: "MODE", help: "who may open the Unix socket; 600 by default" },
    websocket: { type: "boolean", help: "speak WebSocket instead of bare TCP" },
    origin: {
      type: "string",
      multiple: true,
      value: "ORIGIN",
      help: "origins of pages that may connect by WebSocket; the server's own by default, * for any",
    },
    path: {
      type: "string",
      multiple: true,
      value: "PATH",
      help: "a path that a WebSocket may be opened at; any by default",
    },
    "proxy-protocol": {
      type: "string",
      multiple: true,
      value: "ADDRESS",
      help: "expect a PROXY protocol header on each connection; proxies are at this address or range",
    },
    setting: {
      type: "string",
      multiple: true,
      value: "SETTING",
      help: "certificate, key, native or off; several may be offered",
    },
    certificate: {
      type: "string",
      value: "FILE",
      help: "the server's certificate, followed by the intermediates",
    },
    key: { type: "string", value: "FILE", help: "the server's private key" },
    acme: {
      type: "boolean",
      help:
        "get the certificate from a CA, as fesa acme does, and renew it; kept in chain.pem and key.pem by default",
    },
    ...ACME_OPTIONS,
    "passphrase-file": PASSPHRASE_OPTION,
    "key-exchange": KEY_EXCHANGE_OPTION,
    algorithm: {
      type: "string",
      value: "LIST",
      help:
        "for certificate and key: AES (by default), ChaCha20, 3DES, or several in order of preference, with commas",
    },
    "allow-weak": ALLOW_WEAK_OPTION,
    "rekey-interval": {
      type: "string",
      value: "MILLISECONDS",
      help:
        "end sessions whose client updates keys more often than this; for certificate and key; 900 by default",
    },
    "secret-file": { type: "string", value: "FILE", help: "the shared secret, for native" },
    "native-key": {
      type: "string",
      value: "FILE",
      help: "the server's X25519 key, for native; clients need its public key",
    },
    "trust-anyone": {
      type: "boolean",
      help: "for native without secret and key: no protection against a man in the middle",
    },
    "client-roots": {
      type: "string",
      value: "FILE",
      help: "for certificate and key: accept clients with a certificate under these roots",
    },
    "client-crl": {
      type: "string",
      multiple: true,
      value: "FILE",
      help: "a revocation list, for --client-roots",
    },
    "require-client-crl": {
      type: "boolean",
      help: "refuse clients' certificates that no list shows to be good",
    },
    "client-crl-issuer": {
      type: "string",
      multiple: true,
      value: "FILE",
      help: "certificates of those who sign the lists of --client-crl, if they are not the CAs in the chain",
    },
    "client-crl-days": {
      type: "string",
      value: "DAYS",
      help:
        "how long a list of --client-crl that names no next one shows a certificate to be good; 7 by default",
    },
    "client-pin": {
      type: "string",
      multiple: true,
      value: "PIN",
      help: "for certificate and key: accept the client with this key",
    },
    "client-key": {
      type: "string",
      multiple: true,
      value: "x25519:…",
      help: "for --native-key: accept the client with this key",
    },
    cipher: { type: "string", value: "CIPHER", help: "ChaChaPoly (by default) or AESGCM, for native" },
    compression: { type: "string", value: "MODE", help: "off, message, or (native and off) stream" },
    crypto: {
      type: "string",
      value: "platform|pure",
      help: "pure uses only TypeScript; the platform's cryptography by default",
    },
    echo: { type: "boolean", help: "send each message back; the default" },
    "receive-dir": { type: "string", value: "DIR", help: "store files that fesa connect --send sends" },
    "max-file-size": { type: "string", value: "BYTES", help: "bytes in the largest file; 4 GiB by default" },
    "receive-quota": {
      type: "string",
      value: "BYTES",
      help: "bytes in all files of the folder together; no limit by default",
    },
    forward: {
      type: "string",
      value: "HOST:PORT",
      help: "forward each channel to the program that listens here",
    },
    alpn: {
      type: "string",
      multiple: true,
      value: "PROTOCOL",
      help: "for --forward: also accept ordinary TLS clients of this ALPN protocol; browsers need http/1.1",
    },
    "key-log": KEY_LOG_OPTION,
    workers: {
      type: "string",
      value: "N",
      help: "how many processes share the port, each with its own limits; 1 by default",
    },
    log: { type: "string", value: "text|json", help: "the format of standard error; text by default" },
    drain: {
      type: "string",
      value: "MILLISECONDS",
      help: "how long open channels may go on after the server was told to end; 0 by default",
    },
    "pid-file": { type: "string", value: "FILE", help: "write the process ID here while it listens" },
    watch: {
      type: "boolean",
      help: "read keys, certificates and secrets again when a file changes, as at SIGHUP",
    },
    ...LIMIT_OPTIONS,
    config: {
      type: "string",
      value: "FILE",
      help: "read all of this from a file instead: JSON, comments allowed",
    },
  },
  async run(args, io) {
    const config = await readConfig(args);
    if (config.workers !== undefined && workerId === undefined) {
      await withPidFile(config.pidFile, () => superviseWorkers(config.workers!, io, logOf(config, io)));
      return 0;
    }
    const keyLog = await openKeyLog(args, io);
    const load = async ({ security }: ServerConfig) => await accepting(security, args, io, keyLog);
    const kept = await keepCertificates(config, io);
    const challenges = new TlsAlpnChallenges();
    const server = new Server(config, challenges, await load(config), io);
    const reload = () => server.reload(async () => await load(await readConfig(args)));
    io.onHangup(() => void reload());
    const files = [...filesOf(config), ...[args.text("config")].filter((path) => path !== undefined)];
    const stopWatching = config.watch ? watchFiles(files, () => void reload()) : () => {};
    try {
      const serving = { listen: config.listen, challenges };
      await Promise.all([server.run(), ...kept.map((certificate) => certificate.renew(serving, reload))]);
    } finally {
      stopWatching();
    }
    return 0;
  },
};

async function readConfig(args: Arguments): Promise<ServerConfig> {
  return args.has("config") ? await fromFile(args) : serverFromArguments(args);
}

async function fromFile(args: Arguments): Promise<ServerConfig> {
  for (const name of Object.keys(serve.options)) {
    if (args.has(name) && !["config", "passphrase-file", "key-log"].includes(name)) {
      throw new UsageError(`--${name} cannot be used with --config`);
    }
  }
  return await readServerConfig(args.required("config"));
}

async function accepting(
  settings: readonly SettingConfig[],
  args: Arguments,
  io: Io,
  keyLog: ((line: string) => void) | undefined,
): Promise<AcceptSecurity[]> {
  const security = [];
  for (const setting of settings) security.push(await openSetting(setting, args, io, keyLog)); // one question at a time
  return security;
}

/** Gets the certificates of settings with `acme`, and returns those to renew while the server runs. */
async function keepCertificates({ security }: ServerConfig, io: Io): Promise<RenewedCertificate[]> {
  const renewed: RenewedCertificate[] = [];
  for (const { acme, certificate, key } of security) {
    if (acme) renewed.push(await RenewedCertificate.get(acme, { certificate: certificate!, key: key! }, io));
  }
  return renewed;
}

function logOf({ log = "text" }: ServerConfig, io: Io): Log {
  return new Log(log, io.stderr, workerId);
}

/** Keeps the process ID in a file while `work` goes on. */
async function withPidFile(path: string | undefined, work: () => Promise<void>): Promise<void> {
  if (path === undefined) return await work();
  await writeNewFile(path, `${process.pid}\n`, { force: true });
  await work();
  await unlink(path).catch(() => {}); // it may be gone already
}

/** A running server. No client can end it; a client's error is one line on standard error. */
class Server {
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
  reload(load: () => Promise<AcceptSecurity[]>): Promise<void> {
    return this.#reloaded = this.#reloaded.then(() => this.#reload(load));
  }

  async #reload(load: () => Promise<AcceptSecurity[]>): Promise<void> {
    try {
      this.#security = await load();
      await this.#log.server("info", "keys, certificates and secrets were read again");
    } catch (error) {
      await this.#log.server(
        "error",
        `keys, certificates and secrets stay as they were: ${errorLine(error)}`,
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

/** Closes a channel that does not end within this time. */
function endAfter(milliseconds: number, channel: Channel): void {
  const timer = setTimeout(() => channel.close().catch(() => {}), milliseconds);
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
