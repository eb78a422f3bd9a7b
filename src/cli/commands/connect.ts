/** `fesa connect`: a client for channels. */

import { bitLength } from "../../bigint.ts";
import type { Channel } from "../../channel/channel.ts";
import { connect as connectChannel, type ConnectOptions } from "../../channel/connect.ts";
import type {
  ConnectSecurity,
  NativeClientIdentity,
  OwnKey,
  TlsSettingClient,
} from "../../channel/settings/mod.ts";
import { firstUse, type KeyTrust, pin } from "../../channel/settings/key/trust.ts";
import { serveTransports } from "../../server/transport_server.ts";
import { listen } from "../../transport/node.ts";
import { readChain } from "../credentials/chain.ts";
import { channelLine } from "../channel_line.ts";
import {
  type Arguments,
  type Command,
  errorLine,
  Interrupted,
  type Io,
  printJson,
  usage,
  UsageError,
} from "../command.ts";
import {
  dialWithin,
  type Endpoint,
  formatEndpoint,
  parsePlace,
  parseTarget,
  type Target,
} from "../endpoint.ts";
import { warnOfExpiry } from "../credentials/expiry.ts";
import { fileSize, sendFile } from "../file_transfer.ts";
import { KEY_LOG_OPTION, openKeyLog } from "../key_log.ts";
import { readKey, readNativeKey, readRoots } from "../credentials/keys.ts";
import { knownHosts } from "../credentials/known_hosts.ts";
import { serverName } from "../credentials/names.ts";
import { parseNativeKeyText } from "../credentials/native_key.ts";
import { interruptible, serveUntilInterrupted } from "../listening.ts";
import {
  ALLOW_WEAK_OPTION,
  JSON_OPTION,
  KEY_EXCHANGE_OPTION,
  refuseForeign,
  requireOne,
  REVOCATION_OPTIONS,
  ROOTS_OPTION,
} from "../options.ts";
import { PASSPHRASE_OPTION } from "../credentials/passphrase.ts";
import { progressBar } from "../progress.ts";
import { relay, standardStream, transportStream } from "../relay.ts";
import { readRevocation } from "../credentials/revocation.ts";
import { readSecret } from "../credentials/secret_file.ts";
import { MOST } from "../server/limits.ts";

/** How long an ordinary TLS server may stay silent after standard input has ended, in seconds. */
const WAIT = 1;

/** The longest `--wait`: a day. */
const MAX_WAIT = 86_400;

/** The time limit of connecting, and again of the handshake, in milliseconds. */
const OPENING_TIMEOUT = 10_000;

/** Connects standard input and output, sends a file, or tunnels other programs. */
export const connect: Command = {
  name: "connect",
  summary: "connect to a server: standard input and output, a file, or a tunnel",
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
  options: {
    setting: { type: "string", value: "SETTING", help: "certificate, key, native or off" },
    roots: ROOTS_OPTION,
    ...REVOCATION_OPTIONS,
    name: {
      type: "string",
      value: "HOST",
      help: "the name in the server's certificate; the server's host by default",
    },
    pin: {
      type: "string",
      multiple: true,
      value: "PIN",
      help: "the pin of a trusted key, for key; fesa inspect prints it",
    },
    "known-hosts": {
      type: "string",
      value: "FILE",
      help: "trust each server's key on first use, and remember it here",
    },
    "trust-anyone": {
      type: "boolean",
      help: "for key and native: no protection against a man in the middle",
    },
    "secret-file": { type: "string", value: "FILE", help: "the shared secret, for native" },
    "server-key": {
      type: "string",
      value: "x25519:…",
      help: "the server's public key, for native; fesa inspect prints it",
    },
    "native-key": { type: "string", value: "FILE", help: "this client's X25519 key, for native" },
    "key-exchange": KEY_EXCHANGE_OPTION,
    algorithm: { type: "string", value: "ALGORITHM", help: "AES (by default), ChaCha20, 3DES or either" },
    "allow-weak": ALLOW_WEAK_OPTION,
    certificate: {
      type: "string",
      value: "FILE",
      help: "this client's certificates, for a server that asks",
    },
    key: { type: "string", value: "FILE", help: "this client's private key" },
    "passphrase-file": PASSPHRASE_OPTION,
    cipher: { type: "string", value: "CIPHER", help: "ChaChaPoly (by default) or AESGCM, for native" },
    compression: { type: "string", value: "MODE", help: "off, message, or (native and off) stream" },
    crypto: {
      type: "string",
      value: "platform|pure",
      help: "pure uses only TypeScript; the platform's cryptography by default",
    },
    send: { type: "string", value: "FILE", help: "send a file to a server that receives files" },
    wait: {
      type: "string",
      value: "SECONDS",
      help: "how long an ordinary TLS server may stay silent after standard input has ended; 1 by default",
    },
    listen: {
      type: "string",
      value: "HOST:PORT",
      help: "listen here, and forward each connection through its own channel",
    },
    "keep-alive": {
      type: "string",
      value: "MILLISECONDS",
      help: "ask a silent server whether it is there; never by default",
    },
    "idle-timeout": {
      type: "string",
      value: "MILLISECONDS",
      help: "end a channel of which nothing comes; never by default",
    },
    "key-log": KEY_LOG_OPTION,
    json: JSON_OPTION,
  },
  async run(args, io) {
    if (args.has("send") && args.has("listen")) {
      throw new UsageError("--send and --listen exclude each other");
    }
    if (args.has("json") && !args.has("send")) throw new UsageError("--json is for --send");
    const wait = args.integer("wait", 0, MAX_WAIT) ?? WAIT;
    if (args.has("wait") && (args.has("send") || args.has("listen"))) {
      throw new UsageError("--wait is for standard input");
    }
    const target = parseTarget(args.positionals[0]);
    const local = args.has("listen") ? parsePlace(args.required("listen"), "--listen") : undefined;
    const file = args.text("send");
    if (file !== undefined) await fileSize(file);
    const crypto = args.choice("crypto", ["platform", "pure"]);
    const keepAlive = args.integer("keep-alive", 0, MOST);
    const idleTimeout = args.integer("idle-timeout", 0, MOST);
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
    const channel = await connectChannel(transport, { ...asked, signal, handshakeTimeout: OPENING_TIMEOUT });
    try {
      return await work(channel);
    } finally {
      await channel.readable.cancel().catch(() => {}); // an earlier error says more
    }
  });
}

async function once(channel: Channel, wait: number, args: Arguments, io: Io): Promise<void> {
  const { setting, peer } = channel.info;
  await io.stderr.write(`${channelLine(channel.info)}\n`);
  if (setting === "certificate") await warnOfExpiry(peer.certificates?.slice(0, 1) ?? [], io);
  io.signal.addEventListener("abort", () => void channel.close().catch(() => {}), { once: true });
  const path = args.text("send");
  if (path === undefined) {
    await relay(channel, standardStream(io), 1000 * wait);
    if (io.signal.aborted) throw new Interrupted(io.signal.reason); // an ordinary peer took it for our end
    return;
  }
  const file = await sendFile(channel, path, progressBar(io.stderr, path));
  await channel.close();
  if (args.flag("json")) await printJson(io, { ...file, wireBytes: channel.stats.wireSent });
  else await io.stdout.write(`sent ${file.name}, ${file.size} bytes, SHA-256 ${file.sha256}\n`);
}

/** Accepts connections until it is interrupted; an error of one is a line on standard error. */
async function tunnel(local: Endpoint, target: Target, asked: Asked, io: Io): Promise<void> {
  const listener = await listen(local);
  const onError = (error: unknown) => io.stderr.write(`${errorLine(error)}\n`);
  const server = serveTransports(listener, { onError }, async (transport, { closing }) => {
    const stream = transportStream(transport);
    try {
      await withChannel(target, asked, io.signal, async (channel) => {
        closing.addEventListener("abort", () => void channel.close().catch(() => {}));
        await relay(channel, stream);
      });
    } catch (error) {
      stream.abort(error);
      throw error;
    }
  });
  await serveUntilInterrupted(server, listener, io);
}

const OPEN_STANDARD_OPTIONS = [
  ...["name", "key-exchange", "algorithm", "allow-weak"],
  ...["certificate", "key", "passphrase-file", "key-log"],
];

/** The options of each setting. */
const SETTING_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  certificate: ["roots", ...Object.keys(REVOCATION_OPTIONS), ...OPEN_STANDARD_OPTIONS],
  key: ["pin", "known-hosts", "trust-anyone", ...OPEN_STANDARD_OPTIONS],
  native: ["secret-file", "server-key", "native-key", "passphrase-file", "trust-anyone", "cipher"],
  off: [],
};

async function openSecurity(target: Target, args: Arguments, io: Io): Promise<ConnectSecurity> {
  const setting = args.choice("setting", ["certificate", "key", "native", "off"]);
  const compression = args.choice("compression", ["off", "message", "stream"]);
  if (setting === undefined) throw new UsageError("--setting is missing");
  refuseForeign(args, [setting], SETTING_OPTIONS);
  checkTogether(setting, args);
  switch (setting) {
    case "off":
      return { setting, compression };
    case "native":
      return {
        setting,
        compression,
        cipher: args.choice("cipher", ["ChaChaPoly", "AESGCM"]),
        ...await nativeIdentity(args, io),
      };
    default: {
      const common = {
        compression: compression === "stream" ? undefined : compression,
        keyExchange: args.choice("key-exchange", ["ECDHE", "RSA", "either"]),
        algorithm: args.choice("algorithm", ["AES", "ChaCha20", "3DES", "either"]),
        minimumKeyBits: args.flag("allow-weak") ? 1024 : undefined,
        serverName: serverName(args),
        ordinaryPeers: true,
      };
      if (setting === "key") {
        return { setting, ...common, trust: await keyTrust(target, args), ...await ownSide(args, io) };
      }
      return {
        setting,
        ...common,
        serverName: common.serverName ?? nameOf(target),
        roots: await readRoots(args.required("roots"), args, io),
        ...await readRevocation(args, io),
        ...await ownSide(args, io),
      };
    }
  }
}

/** Checks which options need or exclude each other in a setting, before any file is read. */
function checkTogether(setting: ConnectSecurity["setting"], args: Arguments): void {
  if (setting === "native") requireOne(args, setting, ["secret-file", "server-key", "trust-anyone"]);
  if (setting === "key") requireOne(args, setting, ["pin", "known-hosts", "trust-anyone"]);
  if (setting === "certificate") args.required("roots");
  if (args.has("native-key") && !args.has("server-key")) {
    throw new UsageError("--native-key needs --server-key");
  }
  if (args.has("certificate") && !args.has("key")) throw new UsageError("--certificate needs --key");
  const isTls = setting === "certificate" || setting === "key";
  if (isTls && args.text("compression") === "stream") {
    throw new UsageError(`--compression is off or message in the setting ${setting}`);
  }
}

async function nativeIdentity(args: Arguments, io: Io): Promise<NativeClientIdentity> {
  const [secret, server, own] = ["secret-file", "server-key", "native-key"].map((name) => args.text(name));
  if (secret !== undefined) return { secret: await readSecret(secret) };
  if (server === undefined) return { trust: "anyone" };
  const serverKey = usage("server-key", () => parseNativeKeyText(server));
  return { serverKey, keyPair: own === undefined ? undefined : await readNativeKey(own, args, io) };
}

/** This client's credentials, for a server that asks, and its key log. */
async function ownSide(args: Arguments, io: Io): Promise<Pick<TlsSettingClient, "credentials" | "keyLog">> {
  return { credentials: await ownKey(args, io), keyLog: await openKeyLog(args, io) };
}

async function ownKey(args: Arguments, io: Io): Promise<OwnKey | undefined> {
  const [path, certificates] = [args.text("key"), args.text("certificate")];
  if (path === undefined) return undefined;
  const key = await readKey(path, args, io);
  const bits = "n" in key ? bitLength(key.n) : Infinity;
  if (bits < 2048 && !args.flag("allow-weak")) {
    throw new Error(`${path}: an RSA key of ${bits} bits needs --allow-weak to be used`);
  }
  return {
    key,
    certificates: certificates === undefined ? undefined : await readChain(certificates, key, args, io),
  };
}

async function keyTrust(target: Target, args: Arguments): Promise<KeyTrust> {
  if (args.flag("trust-anyone")) return "anyone";
  const known = args.text("known-hosts");
  return known === undefined
    ? usage("pin", () => pin(...args.list("pin")))
    : firstUse(await knownHosts(known), formatEndpoint(target));
}

function nameOf({ host, path }: Target): string {
  if (path !== undefined) {
    throw new UsageError("--name is missing: a Unix socket has no name to be certified");
  }
  return host;
}
