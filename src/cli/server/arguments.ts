/** Turns a server's command line into a configuration, so that one set of rules checks both. */

import { ACME_OPTIONS, acmeFromArguments } from "../acme/config.ts";
import { type Arguments, errorLine, UsageError } from "../command.ts";
import { refuseForeign, requireOne } from "../options.ts";
import { checkServerConfig, type ServerConfig, type SettingConfig } from "./config.ts";
import { SERVER_LIMITS } from "./limits.ts";
import { SERVER_OPTIONS } from "./options.ts";

/** The field of a configuration that an option stands for. */
type Fields = Readonly<Record<string, string>>;

/** The options for a whole server. */
export const SERVER_FIELDS: Fields = {
  listen: "listen",
  "socket-mode": "socketMode",
  "proxy-protocol": "proxyProtocol",
  websocket: "websocket",
  origin: "origins",
  path: "paths",
  "receive-dir": "receiveDir",
  "max-file-size": "maxFileSize",
  "receive-quota": "receiveQuota",
  forward: "forward",
  workers: "workers",
  log: "log",
  drain: "drain",
  "pid-file": "pidFile",
  watch: "watch",
  crypto: "crypto",
  ...Object.fromEntries(Object.entries(SERVER_LIMITS).map(([name, { option }]) => [option, name])),
};

const OPEN_STANDARD_FIELDS: Fields = {
  "client-roots": "clients.roots",
  "client-crl": "clients.crls",
  "client-crl-issuer": "clients.crlIssuers",
  "client-crl-days": "clients.maximumAgeDays",
  "require-client-crl": "clients.revocation",
  "client-pin": "clients.pins",
  key: "key",
  "key-exchange": "keyExchange",
  algorithm: "algorithm",
  "allow-weak": "minimumKeyBits",
  "rekey-interval": "rekeyInterval",
  alpn: "alpn",
  compression: "compression",
};

/** The options for each setting. */
export const SETTING_FIELDS: Readonly<Record<string, Fields>> = {
  certificate: { certificate: "certificate", ...OPEN_STANDARD_FIELDS },
  key: OPEN_STANDARD_FIELDS,
  native: {
    "secret-file": "secretFile",
    "native-key": "key",
    "client-key": "clients.keys",
    "trust-anyone": "trust",
    cipher: "cipher",
    compression: "compression",
  },
  off: { compression: "compression" },
};

/** Options of a setting that have no field in a configuration. */
const OTHER_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  certificate: ["passphrase-file", "key-log", "acme", ...Object.keys(ACME_OPTIONS)],
  key: ["passphrase-file", "key-log"],
  native: ["passphrase-file"],
  off: [],
};

/** Reads and checks the options; throws a {@link UsageError} that names the wrong one. */
export function serverFromArguments(args: Arguments): ServerConfig {
  if (["echo", "receive-dir", "forward"].filter((name) => args.has(name)).length > 1) {
    throw new UsageError("--echo, --receive-dir and --forward exclude each other");
  }
  const settings = args.list("setting");
  if (settings.length === 0) throw new UsageError("--setting is missing");
  if (new Set(settings).size < settings.length) throw new UsageError("one --setting is given twice");
  if (settings.includes("native")) requireOne(args, "native", ["secret-file", "native-key", "trust-anyone"]);
  const security = settings.map((setting) => ({
    setting,
    ...(setting === "certificate" && acme(args)),
    ...read(SETTING_FIELDS[setting] ?? {}, args),
  }));
  const config = check({ ...read(SERVER_FIELDS, args), security }, settings);
  refuseForeign(args, settings, settingOptions());
  return config;
}

/** The ACME part of a setting; the certificate and key go into files of the default names. */
function acme(args: Arguments): Pick<SettingConfig, "acme" | "certificate" | "key"> | undefined {
  if (args.flag("acme")) return { acme: acmeFromArguments(args), certificate: "chain.pem", key: "key.pem" };
  const option = Object.keys(ACME_OPTIONS).find((option) => args.has(option));
  if (option !== undefined) throw new UsageError(`--${option} is for --acme`);
}

function read(fields: Fields, args: Arguments): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [option, field] of Object.entries(fields)) {
    if (!args.has(option)) continue;
    const [name, inside] = field.split(".");
    const value = valueOf(option, args);
    values[name] = inside === undefined ? value : { ...values[name] as object, [inside]: value };
  }
  return values;
}

/** The flags that stand for another value than true. */
const FLAG_VALUES: Readonly<Record<string, unknown>> = {
  "allow-weak": 1024,
  "trust-anyone": "anyone",
  "require-client-crl": "hard",
};

/** What the help calls values that are numbers. */
const NUMBERS = ["N", "BYTES", "DAYS", "MILLISECONDS"];

/** Returns an option's value as the configuration has it. Text that should be a number is refused with the configuration. */
function valueOf(option: string, args: Arguments): unknown {
  const { type, multiple, value = "" } = SERVER_OPTIONS[option];
  if (type === "boolean") return FLAG_VALUES[option] ?? true;
  if (multiple) return args.list(option);
  const text = args.required(option);
  if (NUMBERS.includes(value) && /^\d{1,15}$/.test(text)) return Number(text);
  return option === "algorithm" ? text.split(",") : text;
}

function check(config: unknown, settings: readonly string[]): ServerConfig {
  try {
    return checkServerConfig(config);
  } catch (error) {
    throw new UsageError(inOptions(errorLine(error), settings));
  }
}

/** Replaces field names with option names: `security[0].key is missing` becomes `--key is missing`. */
function inOptions(problem: string, settings: readonly string[]): string {
  const path = /^(?:security\[(\d+)\]\.)?(clients\.\w+|\w+)(?:\[\d+\])?/;
  return problem.replace(path, (_, index: string | undefined, field: string) => {
    const fields = index === undefined ? SERVER_FIELDS : SETTING_FIELDS[settings[Number(index)]] ?? {};
    const option = Object.keys(fields).find((option) => fields[option] === field);
    return `--${option ?? field}`;
  });
}

function settingOptions(): Record<string, readonly string[]> {
  return Object.fromEntries(
    Object.entries(SETTING_FIELDS).map(([setting, fields]) => [
      setting,
      [...Object.keys(fields), ...OTHER_OPTIONS[setting]],
    ]),
  );
}
