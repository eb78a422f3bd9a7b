/** The configuration of a server, and the rules that bind its fields to each other. */

import type { Algorithm, KeyExchangeChoice } from "../../channel/settings/mod.ts";
import { type AcmeConfig, checkAcme } from "../acme/config.ts";
import { checkFields } from "./fields.ts";
import type { ServerLimits } from "./limits.ts";
import type { LogFormat } from "./log.ts";
import { SERVER } from "./schema.ts";
import { CAN_SHARE_PORTS } from "./workers.ts";

/** Which clients a setting accepts. */
export interface ClientsConfig {
  /** A PEM file of roots. */
  readonly roots?: string;
  /** Files with revocation lists, for `roots`. */
  readonly crls?: readonly string[];
  /** Files with the certificates of the signers of `crls`, if those are not the CAs in the chain. */
  readonly crlIssuers?: readonly string[];
  /** For how many days a revocation list without nextUpdate counts as current. */
  readonly maximumAgeDays?: number;
  /** `hard` also refuses a certificate that no current list covers. */
  readonly revocation?: "soft" | "hard";
  /** Pins of keys. */
  readonly pins?: readonly string[];
  /** X25519 keys, for `native`. */
  readonly keys?: readonly string[];
}

/** One setting that the server offers. Files are named relative to the configuration. */
export interface SettingConfig {
  readonly setting: "certificate" | "key" | "native" | "off";
  /** The server's certificate chain, PEM; for `certificate` only. */
  readonly certificate?: string;
  /** The server's private key, PEM: RSA, ECDSA or Ed25519 for `certificate` and `key`, X25519 for `native`. */
  readonly key?: string;
  readonly keyExchange?: KeyExchangeChoice;
  /** One, or several in order of preference. */
  readonly algorithm?: Algorithm | readonly Algorithm[];
  /** 2048 by default; smaller keys must be allowed explicitly. */
  readonly minimumKeyBits?: number;
  /** The least time between two key updates by a client, in milliseconds. */
  readonly rekeyInterval?: number;
  readonly clients?: ClientsConfig;
  /** ALPN protocols of ordinary TLS clients, such as `http/1.1`, that the program at `forward` speaks. */
  readonly alpn?: readonly string[];
  /** Which CA issues the certificate; the server then writes the files `certificate` and `key`. */
  readonly acme?: AcmeConfig;
  /** A file with the shared secret; `native` needs either this, or `key`, or `"trust": "anyone"`. */
  readonly secretFile?: string;
  readonly trust?: "anyone";
  /** The cipher of `native`. */
  readonly cipher?: "ChaChaPoly" | "AESGCM";
  readonly compression?: "off" | "message" | "stream";
}

/** A whole server. */
export interface ServerConfig extends ServerLimits {
  /** `HOST:PORT` or `unix:PATH`. */
  readonly listen: string;
  /** The mode of the Unix socket's file, octal. */
  readonly socketMode?: string;
  /** Addresses and ranges of the proxies that send a PROXY protocol header. */
  readonly proxyProtocol?: readonly string[];
  readonly websocket?: boolean;
  /** Browsers' origins that may connect by WebSocket. */
  readonly origins?: readonly string[];
  /** Paths at which WebSockets may be opened. */
  readonly paths?: readonly string[];
  readonly security: readonly SettingConfig[];
  /** A folder for received files. Without this and `forward`, the server echoes. */
  readonly receiveDir?: string;
  /** Bytes in the largest file that is received. */
  readonly maxFileSize?: number;
  /** Bytes in all files of `receiveDir` together. */
  readonly receiveQuota?: number;
  /** `HOST:PORT` or `unix:PATH` of a program that each channel is forwarded to. */
  readonly forward?: string;
  /** How many processes share the port. */
  readonly workers?: number;
  /** Milliseconds that open channels may go on after the server was told to end. */
  readonly drain?: number;
  /** The format of standard error. */
  readonly log?: LogFormat;
  /** A file that contains the process ID while the server listens. */
  readonly pidFile?: string;
  /** Whether keys, certificates and secrets are read again when one of their files changes. */
  readonly watch?: boolean;
  /** Whose cryptography is used. */
  readonly crypto?: "platform" | "pure";
}

/** Checks a configuration: each field, and the fields against each other. */
export function checkServerConfig(value: unknown): ServerConfig {
  const config = checkFields(SERVER, value) as ServerConfig;
  if (config.forward !== undefined && config.receiveDir !== undefined) {
    throw new Error("forward and receiveDir exclude each other");
  }
  for (const name of ["maxFileSize", "receiveQuota"] as const) {
    if (config[name] !== undefined && config.receiveDir === undefined) {
      throw new Error(`${name} is for servers that receive files`);
    }
  }
  for (const name of ["origins", "paths"] as const) {
    if (config[name] !== undefined && !config.websocket) throw new Error(`${name} is for websocket`);
  }
  if (config.workers !== undefined) checkWorkers(config);
  if (config.socketMode !== undefined && !config.listen.startsWith("unix:")) {
    throw new Error("socketMode is for listening at a Unix socket");
  }
  config.security.forEach((setting, index) => {
    checkSetting(`security[${index}]`, setting);
    if (setting.alpn && config.forward === undefined) {
      throw new Error(`security[${index}].alpn needs forward`);
    }
  });
  if (config.websocket && config.security.some(({ acme }) => acme?.tlsListen === config.listen)) {
    throw new Error("acme.tlsListen is not for a server that speaks WebSocket there");
  }
  if (config.security.filter(({ setting }) => setting === "off").length > 1) {
    throw new Error("security lists the setting off twice");
  }
  return config;
}

/** The fields that `certificate` and `key` may have. */
const OPEN_STANDARD = ["keyExchange", "algorithm", "minimumKeyBits", "rekeyInterval", "clients", "alpn"];

/** Refuses what workers cannot share: a Unix socket, a folder's quota, and ACME. */
function checkWorkers({ listen, receiveDir, security }: ServerConfig): void {
  if (!CAN_SHARE_PORTS) throw new Error("workers needs Node");
  const isImpossible = listen.startsWith("unix:") || receiveDir !== undefined ||
    security.some(({ acme }) => acme !== undefined);
  if (isImpossible) throw new Error("workers is for HOST:PORT, without receiveDir and acme");
}

/** The required and optional fields of each setting, beside `setting` and `compression`. */
const FIELDS: Readonly<Record<SettingConfig["setting"], readonly [readonly string[], readonly string[]]>> = {
  certificate: [["certificate", "key"], ["acme", ...OPEN_STANDARD]],
  key: [["key"], OPEN_STANDARD],
  native: [[], ["secretFile", "key", "clients", "trust", "cipher"]],
  off: [[], []],
};

function checkSetting(path: string, config: SettingConfig): void {
  const { setting, secretFile, key, trust, clients, compression, acme } = config;
  const [needed, allowed] = FIELDS[setting];
  const given = Object.keys(config);
  for (const field of needed) {
    if (!given.includes(field)) throw new Error(`${path}.${field} is missing`);
  }
  for (const field of given) {
    if (!["setting", "compression", ...needed, ...allowed].includes(field)) {
      throw new Error(`${path}.${field} is not for the setting ${setting}`);
    }
  }
  if (setting === "native" && [secretFile, key, trust].filter((one) => one !== undefined).length !== 1) {
    throw new Error(`${path} needs one of secretFile, key and trust: "anyone"`);
  }
  if (needed.length > 0 && compression === "stream") {
    throw new Error(`${path}.compression must be off or message in the setting ${setting}`);
  }
  if (clients) checkClients(path, clients, config);
  if (acme) checkAcme(`${path}.acme.`, acme);
}

/** The fields that need `clients.roots`. */
const FOR_ROOTS = ["crls", "crlIssuers", "maximumAgeDays", "revocation"] as const;

function checkClients(path: string, clients: ClientsConfig, { setting, key }: SettingConfig): void {
  const { roots, pins, keys } = clients;
  const forRoots = FOR_ROOTS.find((field) => clients[field] !== undefined);
  if (setting === "native") {
    if (key === undefined) throw new Error(`${path}.clients is for native with a key`);
    if (keys === undefined || roots || forRoots || pins) {
      throw new Error(`${path}.clients may contain only keys`);
    }
    return;
  }
  if (forRoots && roots === undefined) throw new Error(`${path}.clients.${forRoots} needs roots`);
  if (roots && pins) throw new Error(`${path}.clients.roots and pins exclude each other`);
  if (!roots && !pins) throw new Error(`${path}.clients needs roots or pins`);
  if (keys) throw new Error(`${path}.clients.keys is for the setting native`);
}
