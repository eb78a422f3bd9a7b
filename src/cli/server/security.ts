/** Turns a server's configuration into the `security` of `accept`: reads keys, certificates and secrets. */

import { sortOffers } from "../../channel/accept.ts";
import { pin } from "../../channel/settings/key/trust.ts";
import type { AcceptSecurity, ClientTrust, NativeServerIdentity } from "../../channel/settings/mod.ts";
import { type Arguments, errorLine, type Io } from "../command.ts";
import { readChain } from "../credentials/chain.ts";
import { readCertificates, readKey, readNativeKey } from "../credentials/read.ts";
import { parseNativeKeyText } from "../credentials/native_key.ts";
import { readIssuers, readListFiles } from "../credentials/revocation.ts";
import { readSecret } from "../credentials/secret_file.ts";
import { needsAllowWeak } from "../options.ts";
import { WeakKeyError } from "../../tls/credentials/credentials.ts";
import type { ClientsConfig, SettingConfig } from "./config.ts";

/**
 * Opens one setting. Refuses immediately, rather than at each connection, a setting that could serve no client. The
 * passphrase of an encrypted key comes from `args` or from the terminal.
 */
export async function openSetting(
  config: SettingConfig,
  args: Arguments,
  io: Io,
  keyLog: ((line: string) => void) | undefined,
): Promise<AcceptSecurity> {
  const offer = await readSetting(config, args, io, keyLog);
  try {
    sortOffers([offer]);
  } catch (error) {
    const isWeak = error instanceof WeakKeyError && !args.has("config");
    throw new Error(
      `${config.key ?? config.setting}: ${isWeak ? needsAllowWeak(error.bits) : errorLine(error)}`,
    );
  }
  return offer;
}

async function readSetting(
  config: SettingConfig,
  args: Arguments,
  io: Io,
  keyLog: ((line: string) => void) | undefined,
): Promise<AcceptSecurity> {
  const { setting, compression } = config;
  switch (setting) {
    case "off":
      return { setting, compression };
    case "native":
      return { setting, compression, cipher: config.cipher, ...await nativeIdentity(config, args, io) };
    default: {
      const key = await readKey(config.key!, args, io);
      const common = {
        key,
        keyExchange: config.keyExchange,
        algorithm: config.algorithm,
        minimumKeyBits: config.minimumKeyBits,
        rekey: { leastMilliseconds: config.rekeyInterval },
        clients: config.clients && await clientTrust(config.clients, args, io),
        compression: compression === "stream" ? undefined : compression,
        ordinaryPeers: config.alpn ?? true,
        keyLog,
      };
      return setting === "key"
        ? { setting, ...common }
        : { setting, ...common, certificates: await readChain(config.certificate!, key, "server", args, io) };
    }
  }
}

async function nativeIdentity(
  { secretFile, key, clients }: SettingConfig,
  args: Arguments,
  io: Io,
): Promise<NativeServerIdentity> {
  if (secretFile !== undefined) return { secret: await readSecret(secretFile) };
  if (key === undefined) return { trust: "anyone" };
  return {
    keyPair: await readNativeKey(key, args, io),
    clientKeys: clients?.keys?.map(parseNativeKeyText),
  };
}

async function clientTrust(
  { roots, crls = [], crlIssuers = [], maximumAgeDays, revocation, pins = [] }: ClientsConfig,
  args: Arguments,
  io: Io,
): Promise<ClientTrust> {
  if (roots === undefined) return { trust: pin(...pins) };
  return {
    roots: await readCertificates(roots, args, io),
    crls: await readListFiles(crls),
    crlIssuers: await readIssuers(crlIssuers, args, io),
    maximumAgeDays,
    revocation,
  };
}
