/** `fesa serve`: a server for channels. */

import { TlsAlpnChallenges } from "../../acme/mod.ts";
import type { AcceptSecurity } from "../../channel/settings/mod.ts";
import { RenewedCertificate } from "../acme/renewing.ts";
import { type Arguments, type Command, type Io, UsageError } from "../command.ts";
import { openKeyLog } from "../key_log.ts";
import { serverFromArguments } from "../server/arguments.ts";
import type { ServerConfig, SettingConfig } from "../server/config.ts";
import { filesOf, readServerConfig } from "../server/config_file.ts";
import { SERVER_OPTIONS } from "../server/options.ts";
import { openSetting } from "../server/security.ts";
import { logOf, Server, withPidFile } from "../server/server.ts";
import { WatchedFiles } from "../server/watch.ts";
import { superviseWorkers, workerId } from "../server/workers.ts";

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
  options: SERVER_OPTIONS,
  async run(args, io) {
    const { workers, pidFile, log, watch } = await readConfig(args);
    if (workers !== undefined && workerId === undefined) {
      await withPidFile(pidFile, () => superviseWorkers(workers, io, logOf({ log }, io)));
      return 0;
    }
    const keyLog = await openKeyLog(args, io);
    const watched = new WatchedFiles();
    /** Reads the configuration when its files are watched, so that no change of them is missed. */
    const configure = async (): Promise<ServerConfig> => {
      for (;;) {
        const config = await readConfig(args);
        const files = [...filesOf(config), ...args.has("config") ? [args.required("config")] : []];
        if (!watch || !watched.watch(files)) return config;
      }
    };
    const load = ({ security }: ServerConfig) => accepting(security, args, io, keyLog);
    try {
      const config = await configure();
      const kept = await keepCertificates(config, io);
      const challenges = new TlsAlpnChallenges();
      const server = new Server(config, challenges, await load(config), io);
      const reload = () =>
        server.reload(async () => {
          const current = await configure();
          return { config: current, security: await load(current) };
        });
      io.onHangup(() => void reload());
      watched.onChange(() => void reload());
      const serving = { listen: config.listen, challenges };
      await Promise.all([server.run(), ...kept.map((certificate) => certificate.renew(serving, reload))]);
    } finally {
      watched.close();
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
