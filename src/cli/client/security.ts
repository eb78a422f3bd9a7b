/** Turns a client's command line into the `security` of `connect`: reads keys, certificates and secrets. */

import { bitLength } from "../../bigint.ts";
import { firstUse, type KeyTrust, pin } from "../../channel/settings/key/trust.ts";
import type {
  ConnectSecurity,
  NativeClientIdentity,
  OwnKey,
  TlsSettingClient,
} from "../../channel/settings/mod.ts";
import { type Arguments, type Io, usage, UsageError } from "../command.ts";
import { readChain } from "../credentials/chain.ts";
import { readKey, readNativeKey, readRoots } from "../credentials/read.ts";
import { knownHosts } from "../credentials/known_hosts.ts";
import { serverName } from "../credentials/names.ts";
import { parseNativeKeyText } from "../credentials/native_key.ts";
import { readRevocation } from "../credentials/revocation.ts";
import { readSecret } from "../credentials/secret_file.ts";
import { formatEndpoint, type Target } from "../endpoint.ts";
import { openKeyLog } from "../key_log.ts";
import {
  ALGORITHMS,
  CIPHER_OPTION,
  COMPRESSION_OPTION,
  KEY_EXCHANGES,
  needsAllowWeak,
  refuseForeign,
  requireOne,
  REVOCATION_OPTIONS,
  SETTINGS,
} from "../options.ts";

/** The options that `certificate` and `key` have in common. */
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

/** Checks the options of a setting, and reads the files that they name. */
export async function openSecurity(target: Target, args: Arguments, io: Io): Promise<ConnectSecurity> {
  const setting = args.choice("setting", SETTINGS);
  const compression = args.choice("compression", COMPRESSION_OPTION.choices);
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
        cipher: args.choice("cipher", CIPHER_OPTION.choices),
        ...await nativeIdentity(args, io),
      };
    default: {
      const common = {
        compression: compression === "stream" ? undefined : compression,
        keyExchange: args.choice("key-exchange", KEY_EXCHANGES),
        algorithm: args.choice("algorithm", [...ALGORITHMS, "either"]),
        minimumKeyBits: args.flag("allow-weak") ? 1024 : undefined,
        serverName: serverName(args),
        ordinaryPeers: true,
      };
      if (setting === "key") {
        return { setting, ...common, trust: await keyTrust(target, args, io), ...await ownSide(args, io) };
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
    throw new UsageError(`--compression must be off or message in the setting ${setting}`);
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
    throw new Error(`${path}: ${needsAllowWeak(bits)}`);
  }
  return {
    key,
    certificates: certificates === undefined
      ? undefined
      : await readChain(certificates, key, "client", args, io),
  };
}

async function keyTrust(target: Target, args: Arguments, io: Io): Promise<KeyTrust> {
  if (args.flag("trust-anyone")) return "anyone";
  const known = args.text("known-hosts");
  if (known === undefined) return usage("pin", () => pin(...args.list("pin")));
  const store = await knownHosts(known);
  const set = async (name: string, pin: string) => {
    await store.set(name, pin);
    await io.stderr.write(`${name} is new: its key ${pin} is now in ${known}\n`);
  };
  return firstUse({ ...store, set }, formatEndpoint(target));
}

function nameOf({ host, path }: Target): string {
  if (path !== undefined) {
    throw new UsageError("--name is missing: a Unix socket has no name to be certified");
  }
  return host;
}
