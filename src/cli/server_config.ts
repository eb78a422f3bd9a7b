/** The configuration of a server, from the command line or from a file of JSON with comments. */

import type { Algorithm, KeyExchangeChoice } from "../channel/settings/mod.ts";
import { dirname, resolve } from "node:path";
import { pin } from "../channel/settings/key/trust.ts";
import { isOrdinaryProtocol } from "../channel/settings/tls/check.ts";
import { parseIpRange } from "../ip_address.ts";
import { isOrigin, isPath } from "../transport/websocket/admission.ts";
import { ACME, type AcmeConfig, checkAcme } from "./acme/config.ts";
import { parseDestination, parsePlace } from "./endpoint.ts";
import {
  about,
  checkFields,
  type Fields,
  flag,
  integer,
  list,
  oneOf,
  oneOrList,
  parsed,
  parsedWithPath,
  record,
  type Schema,
  text,
} from "./fields.ts";
import { readTextFile } from "./files.ts";
import { parseJsonWithComments } from "./json_with_comments.ts";
import type { LogFormat } from "./log.ts";
import { parseNativeKeyText } from "./native_key.ts";
import { MAX_DAYS } from "./options.ts";
import { CAN_SHARE_PORTS, MAX_WORKERS } from "./workers.ts";
import { leastOf, type LimitName, MOST, SERVER_LIMITS, type ServerLimits } from "./server_limits.ts";

/** Which clients a setting accepts. */
export interface ClientsConfig {
  /** A PEM file of roots. */
  readonly roots?: string;
  /** Files with revocation lists, for `roots`. */
  readonly crls?: readonly string[];
  /** Files with the certificates of those who sign `crls`, if those are not the CAs in the chain. */
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
  /** Paths that WebSockets may be opened at. */
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
  /** A file that holds the process ID while the server listens. */
  readonly pidFile?: string;
  /** Whether keys, certificates and secrets are read again when one of their files changes. */
  readonly watch?: boolean;
  /** Whose cryptography is used. */
  readonly crypto?: "platform" | "pure";
}

/** Reads a configuration file. Errors name the wrong field by its path, such as `security[0].algorithm`. */
export async function readServerConfig(path: string): Promise<ServerConfig> {
  const text = await readTextFile(path);
  try {
    return inFolder(checkServerConfig(parseJsonWithComments(text)), dirname(path));
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
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
    throw new Error("security has the setting off twice");
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
    throw new Error(`${path}.compression is off or message in the setting ${setting}`);
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
    if (keys === undefined || roots || forRoots || pins) throw new Error(`${path}.clients has keys alone`);
    return;
  }
  if ((roots === undefined) === (pins === undefined)) throw new Error(`${path}.clients needs roots or pins`);
  if (forRoots && roots === undefined) throw new Error(`${path}.clients.${forRoots} needs roots`);
  if (keys) throw new Error(`${path}.clients.keys is for the setting native`);
}

function checkOrigin(origin: string): void {
  if (origin !== "*" && !isOrigin(origin)) {
    throw new Error(`${origin} is not an origin such as https://app.example`);
  }
}

function checkProtocol(name: string): void {
  if (!isOrdinaryProtocol(name)) throw new Error(`${name} is not an ALPN protocol such as http/1.1`);
}

function checkMode(mode: string): void {
  if (!/^[0-7]{3}$/.test(mode)) throw new Error(`${mode} is not a mode such as 660`);
}

function checkRange(range: string): void {
  if (parseIpRange(range) === undefined) {
    throw new Error(`${range} is not an address or a range such as 10.0.0.0/8`);
  }
}

function checkPath(path: string): void {
  if (!isPath(path)) throw new Error(`${path} is not a path such as /channel`);
}

const SETTING: Fields = {
  required: {
    setting: about(
      "certificate: TLS with certificates. key: TLS with a raw public key. native: a Noise channel. off: no protection.",
      oneOf("certificate", "key", "native", "off"),
    ),
  },
  optional: {
    certificate: about("A PEM file with the server's certificate, followed by the intermediates.", text),
    key: about("A file with the server's private key; an X25519 key for native.", text),
    keyExchange: about(
      "ECDHE, the default, has forward secrecy. RSA is FESA's own exchange, which has none.",
      oneOf("ECDHE", "RSA", "either"),
    ),
    algorithm: about(
      "AES by default; one, or several in order of preference. 3DES is old, and goes with RSA key exchange alone.",
      oneOrList(oneOf("AES", "ChaCha20", "3DES")),
    ),
    minimumKeyBits: about("Less than 2048 is weak.", integer(1024, 8192)),
    rekeyInterval: about(
      "The least time between two key updates by a client, in milliseconds; 900 by default.",
      integer(1, MOST),
    ),
    alpn: about(
      "ALPN protocols of ordinary TLS clients that the program at forward speaks; browsers need http/1.1.",
      list(parsed(checkProtocol), 1),
    ),
    clients: about(
      "Which clients are accepted; anyone by default.",
      record({
        required: {},
        optional: {
          roots: about("For certificate and key: a file with the roots of the clients' certificates.", text),
          crls: about("Files with revocation lists, for roots.", list(text)),
          crlIssuers: about(
            "Files with the certificates of those who sign the lists, if those are not the CAs in the chain.",
            list(text),
          ),
          maximumAgeDays: about(
            "For how many days a list without nextUpdate counts as current; 7 by default.",
            integer(0, MAX_DAYS),
          ),
          revocation: about(
            "soft, the default, refuses revoked certificates; hard also those that no current list covers.",
            oneOf("soft", "hard"),
          ),
          pins: about("For certificate and key: pins of the clients' keys.", list(parsed(pin), 1)),
          keys: about(
            "For native with a key: the clients' X25519 keys.",
            list(parsed(parseNativeKeyText), 1),
          ),
        },
      }),
    ),
    acme: about(
      "For certificate: gets the certificate from a CA and renews it; certificate and key are where it is kept.",
      record(ACME),
    ),
    secretFile: about("For native: a file with the shared secret.", text),
    trust: about(
      "For native without secret and key: no protection against a man in the middle.",
      oneOf("anyone"),
    ),
    cipher: about("For native; clients must choose the same.", oneOf("ChaChaPoly", "AESGCM")),
    compression: about("stream is for native and off.", oneOf("off", "message", "stream")),
  },
};

const LIMITS = Object.fromEntries(
  Object.entries(SERVER_LIMITS).map(([name, { value, help }]) => [
    name,
    about(
      `${{ N: "The most ", MILLISECONDS: "Milliseconds: ", BYTES: "Bytes " }[value]}${help}.`,
      integer(leastOf(name as LimitName), MOST),
    ),
  ]),
);

const SERVER: Fields = {
  required: {
    listen: about("HOST:PORT or unix:PATH. Port 0 takes a free one.", parsedWithPath(parsePlace)),
    security: about("The settings that are offered.", list(record(SETTING), 1)),
  },
  optional: {
    $schema: text,
    socketMode: about("Who may open the Unix socket, as an octal mode; 600 by default.", parsed(checkMode)),
    proxyProtocol: about(
      "Addresses and ranges of the proxies that send a PROXY protocol header.",
      list(parsed(checkRange), 1),
    ),
    websocket: about("Speaks WebSocket instead of bare TCP.", flag),
    origins: about(
      "Browsers' origins that may connect by WebSocket; the server's own by default. * is any.",
      list(parsed(checkOrigin)),
    ),
    paths: about("Paths that WebSockets may be opened at; any by default.", list(parsed(checkPath), 1)),
    receiveDir: about("A folder for received files.", text),
    maxFileSize: about("Bytes in the largest file that is received.", integer(0, Number.MAX_SAFE_INTEGER)),
    receiveQuota: about("Bytes in all files of receiveDir together.", integer(0, Number.MAX_SAFE_INTEGER)),
    forward: about(
      "HOST:PORT or unix:PATH of a program that each channel is forwarded to.",
      parsedWithPath(parseDestination),
    ),
    workers: about(
      "How many processes share the port, each with its own limits; 1 by default.",
      integer(1, MAX_WORKERS),
    ),
    drain: about(
      "Milliseconds that open channels may go on after the server was told to end; 0 by default.",
      integer(0, MOST),
    ),
    log: about("The format of standard error; text by default.", oneOf("text", "json")),
    pidFile: about("A file that holds the process ID while the server listens.", text),
    watch: about("Reads keys, certificates and secrets again when one of their files changes.", flag),
    crypto: about(
      "platform, the default, uses the platform's cryptography; pure only TypeScript.",
      oneOf("platform", "pure"),
    ),
    ...LIMITS,
  },
};

/** Returns the JSON Schema of a configuration, for editors to complete and check it. */
export function serverConfigSchema(): Schema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "fesa serve --config",
    ...record(SERVER).schema,
  };
}

/** Makes the names of files absolute. */
function inFolder(config: ServerConfig, folder: string): ServerConfig {
  const at = (path: string | undefined) => path && resolve(folder, path);
  const place = (text: string) => text.replace(/^unix:(.*)$/, (_, path) => `unix:${resolve(folder, path)}`);
  return {
    ...config,
    listen: place(config.listen),
    forward: config.forward && place(config.forward),
    receiveDir: at(config.receiveDir),
    pidFile: at(config.pidFile),
    security: config.security.map((setting) => ({
      ...setting,
      certificate: at(setting.certificate),
      key: at(setting.key),
      secretFile: at(setting.secretFile),
      acme: setting.acme && {
        ...setting.acme,
        accountKey: resolve(folder, setting.acme.accountKey ?? "acme-account.pem"),
        externalKeyFile: at(setting.acme.externalKeyFile),
        webroot: at(setting.acme.webroot),
        dnsHook: at(setting.acme.dnsHook),
      },
      clients: setting.clients && {
        ...setting.clients,
        roots: at(setting.clients.roots),
        crls: setting.clients.crls?.map((path) => resolve(folder, path)),
        crlIssuers: setting.clients.crlIssuers?.map((path) => resolve(folder, path)),
      },
    })),
  };
}

/** The files that the settings are read from, except those that the server writes itself. */
export function filesOf({ security }: ServerConfig): string[] {
  return security.flatMap(({ certificate, key, secretFile, clients, acme }) =>
    [
      ...(acme ? [] : [certificate, key]),
      secretFile,
      clients?.roots,
      ...(clients?.crls ?? []),
      ...(clients?.crlIssuers ?? []),
    ].filter((path) => path !== undefined)
  );
}
