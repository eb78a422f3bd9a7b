/** `fesa connect`: a client for channels. */

import type { Channel } from "../../channel/channel.ts";
import { connect as connectChannel, type ConnectOptions } from "../../channel/connect.ts";
import { serveTransports } from "../../server/transport_server.ts";
import { listen } from "../../transport/node.ts";
import { CertificateError } from "../../errors.ts";
import { channelLine } from "../channel_line.ts";
import { CLIENT_OPTIONS } from "../client/options.ts";
import { progressBar } from "../client/progress.ts";
import { openSecurity } from "../client/security.ts";
import { webSocketOptions } from "../client/web_socket.ts";
import {
  type Arguments,
  type Command,
  errorLine,
  Interrupted,
  type Io,
  printResult,
  UsageError,
} from "../command.ts";
import { warnOfExpiry } from "../credentials/expiry.ts";
import { dialWithin, type Endpoint, parsePlace, parseTarget, type Target } from "../endpoint.ts";
import { fileSize, sendFile } from "../file_transfer.ts";
import { interruptible, serveUntilInterrupted } from "../listening.ts";
import { CRYPTO_OPTION } from "../options.ts";
import { relay, standardStream, transportStream } from "../relay.ts";
import { MAX_LIMIT } from "../server/limits.ts";

/** How long an ordinary TLS server may stay silent after standard input has ended, in seconds. */
const WAIT = 1;

/** The longest `--wait`: a day. */
const MAX_WAIT = 86_400;

/** The time limit of connecting, and again of the handshake, in milliseconds. */
const OPENING_TIMEOUT = 10_000;

/** Connects standard input and output, sends a file, or tunnels other programs. */
export const connect: Command = {
  name: "connect",
  summary: "connect to a server: send standard input or a file, or open a tunnel",
  usage: [
    "HOST:PORT --setting certificate --roots roots.pem [--name HOST]",
    "HOST:PORT --setting key --pin sha256:… | --known-hosts FILE | --trust-anyone",
    "HOST:PORT --setting native --secret-file FILE | --server-key x25519:… | --trust-anyone",
    "ws://… | wss://… --setting … --send FILE",
    "HOST:PORT --setting … --listen HOST:PORT",
  ],
  examples: [
    "app.example:4433 --setting certificate --roots ca/root.pem --send report.pdf",
    "127.0.0.1:4433 --setting native --secret-file secret",
  ],
  positionals: [1, 1, "HOST:PORT"],
  options: CLIENT_OPTIONS,
  async run(args, io) {
    if (args.has("send") && args.has("listen")) {
      throw new UsageError("--send and --listen exclude each other");
    }
    if (args.has("json") && !args.has("send")) throw new UsageError("--json is for --send");
    const wait = args.integer("wait", 0, MAX_WAIT) ?? WAIT;
    if (args.has("wait") && (args.has("send") || args.has("listen"))) {
      throw new UsageError("--wait is for standard input");
    }
    const [server] = args.positionals;
    const target = parseTarget(server, await webSocketOptions(server, args, io));
    const local = args.has("listen") ? parsePlace(args.required("listen"), "--listen") : undefined;
    const file = args.text("send");
    if (file !== undefined) await fileSize(file);
    const crypto = args.choice("crypto", CRYPTO_OPTION.choices);
    const keepAlive = args.integer("keep-alive", 0, MAX_LIMIT);
    const idleTimeout = args.integer("idle-timeout", 0, MAX_LIMIT);
    const asked: Asked = { security: await openSecurity(target, args, io), crypto, keepAlive, idleTimeout };
    if (local !== undefined) await tunnel(local, target, asked, io);
    else await withChannel(target, asked, io.signal, (channel) => once(channel, wait, args, io));
    return 0;
  },
};

/** The options of `connect` that the command line sets. */
type Asked = Pick<ConnectOptions, "security" | "crypto" | "keepAlive" | "idleTimeout">;

/** Runs `work` with a channel of its own, and closes it whatever happens. */
async function withChannel<T>(
  target: Target,
  asked: Asked,
  signal: AbortSignal,
  work: (channel: Channel) => Promise<T>,
): Promise<T> {
  return await interruptible(signal, async () => {
    const transport = await dialWithin(target, signal, OPENING_TIMEOUT);
    const options = { ...asked, signal, handshakeTimeout: OPENING_TIMEOUT };
    const channel = await connectChannel(transport, options).catch((error) =>
      Promise.reject(withHint(error))
    );
    try {
      return await work(channel);
    } finally {
      await channel.readable.cancel().catch(() => {}); // an earlier error says more
    }
  });
}

/** Adds the option that helps to the error about a certificate for another name. */
function withHint(error: unknown): unknown {
  if (!(error instanceof CertificateError) || error.reason !== "name_mismatch") return error;
  return new Error(`${error.message}; --name sets the expected name`, { cause: error });
}

async function once(channel: Channel, wait: number, args: Arguments, io: Io): Promise<void> {
  io.signal.addEventListener("abort", () => void channel.close(), { once: true });
  const { setting, peer } = channel.info;
  await io.stderr.write(`${channelLine(channel.info)}\n`);
  if (setting === "certificate") await warnOfExpiry(peer.certificates?.slice(0, 1) ?? [], io);
  const path = args.text("send");
  if (path === undefined) {
    await relay(channel, standardStream(io), 1000 * wait);
    if (io.signal.aborted) throw new Interrupted(io.signal.reason); // an ordinary peer took it for our end
    return;
  }
  const file = await sendFile(channel, path, progressBar(io.stderr, path));
  await channel.close();
  const line = `sent ${file.name}, ${file.size} bytes, SHA-256 ${file.sha256}`;
  await printResult(args, io, { ...file, wireBytes: channel.stats.wireSent }, line);
}

/** Accepts connections until it is interrupted; an error of one is a line on standard error. */
async function tunnel(local: Endpoint, target: Target, asked: Asked, io: Io): Promise<void> {
  const listener = await listen(local);
  const onError = (error: unknown) => io.stderr.write(`${errorLine(error)}\n`);
  const server = serveTransports(listener, { onError }, async (transport, { closing }) => {
    const stream = transportStream(transport);
    try {
      await withChannel(target, asked, io.signal, async (channel) => {
        closing.addEventListener("abort", () => void channel.close());
        await relay(channel, stream);
      });
    } catch (error) {
      stream.abort(error);
      throw error;
    }
  });
  await serveUntilInterrupted(server, listener, io);
}
