/** What a server is told to do: by the command line, or by a file of JSON with comments of the same shape. */

import type { Algorithm, KeyExchangeChoice } from "../channel/settings/mod.ts";
import { dirname, resolve } from "node:path";
import { pin } from "../channel/settings/key/trust.ts";
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

/** Which clients a setting lets in. */
export interface ClientsConfig {
  /** A PEM file of roots. */
  readonly roots?: string;
  /** Files with revocation lists, for `roots`. */
  readonly crls?: readonly string[];
  /** Files with the certificates of those who sign `crls`, if they are not the CAs in the chain. */
  readonly crlIssuers?: readonly string[];
  /** For how many days a list that names no next one shows a certificate to be good. */
  readonly maximumAgeDays?: number;
  /** Whether a certificate that no list shows to be good is refused. */
  readonly revocation?: "soft" | "hard";
  /** Pins of keys. */
  readonly pins?: readonly string[];
  /** X25519 keys, for `native`. */
  readonly keys?: readonly string[];
}

/** One setting that the server offers. Files are named relative to the configuration. */
export interface SettingConfig {
  readonly setting: "certificate" | "key" | "native" | "off";
  /** The server's chain, PEM; `certificate` alone has it. */
  readonly certificate?: string;
  /** The server's private key, PEM: RSA, ECDSA or Ed25519 for `certificate` and `key`; `native` may have one of X25519. */
  readonly key?: string;
  readonly keyExchange?: KeyExchangeChoice;
  /** One, or several in order of preference. */
  readonly algorithm?: Algorithm | readonly Algorithm[];
  /** 2048 by default; 1024 has to be named. */
  readonly minimumKeyBits?: number;
  /** Milliseconds that have to pass between two changes of keys that a client brings about. */
  readonly rekeyInterval?: number;
  readonly clients?: ClientsConfig;
  /** From which CA the certificate of `certificate` comes, whose files are kept by the server then. */
  readonly acme?: AcmeConfig;
  /** The shared secret; `native` has either this, or `key`, or `"trust": "anyone"`. */
  readonly secretFile?: string;
  readonly trust?: "anyone";
  /** What encrypts with `native`. */
  readonly cipher?: "ChaChaPoly" | "AESGCM";
  readonly compression?: "off" | "message" | "stream";
}

/** A whole server. */
export interface ServerConfig extends ServerLimits {
  /** `HOST:PORT` or `unix:PATH`. */
  readonly listen: string;
  /** The mode of the Unix socket's file, octal. */
  readonly socketMode?: string;
  /** Addresses and ranges of the proxies that pass clients on with a PROXY protocol header. */
  readonly proxyProtocol?: readonly string[];
  readonly websocket?: boolean;
  /** Browsers' origins that may connect by WebSocket. */
  readonly origins?: readonly string[];
  /** Paths that WebSockets may be opened at. */
  readonly paths?: readonly string[];
  readonly security: readonly SettingConfig[];
  /** A folder that receives files; without it and `forward`, the server echoes. */
  readonly receiveDir?: string;
  /** Bytes in the largest file that is received. */
  readonly maxFileSize?: number;
  /** Bytes in all files of `receiveDir` together. */
  readonly receiveQuota?: number;
  /** `HOST:PORT` of an unchanged program. */
  readonly forward?: string;
  /** Processes that share the port. */
  readonly workers?: number;
  /** Milliseconds that channels may go on when the server is to end. */
  readonly drain?: number;
  /** How standard error is written. */
  readonly log?: LogFormat;
  /** A file that has the process's number while the server listens. */
  readonly pidFile?: string;
  /** Whether keys, certificates and secrets are read again when one of their files changes. */
  readonly watch?: boolean;
  /** Whose cryptography is used. */
  readonly crypto?: "platform" | "pure";
}

/** Reads a configuration; what is wrong in it is named by its path, such as `security[0].algorithm`. */
export async function readServerConfig(path: string): Promise<ServerConfig> {
  const text = await readTextFile(path);
  try {
    return inFolder(checkServerConfig(parseJsonWithComments(text)), dirname(path));
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Checks the shape of a configuration, and that the parts of it go together. */
export function checkServerConfig(value: unknown): ServerConfig {
  const config = checkFields(SERVER, value) as ServerConfig;
  if (config.forward !== undefined && config.receiveDir !== undefined) {
    throw new Error("forward and receiveDir are not for one server");
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
  config.security.forEach((setting, index) => checkSetting(`security[${index}]`, setting));
  if (config.websocket && config.security.some(({ acme }) => acme?.tlsListen === config.listen)) {
    throw new Error("acme.tlsListen is not for a server that speaks WebSocket there");
  }
  if (config.security.filter(({ setting }) => setting === "off").length > 1) {
    throw new Error("security has the setting off twice");
  }
  return config;
}

/** What `certificate` and `key` may have. */
const OPEN_STANDARD = ["keyExchange", "algorithm", "minimumKeyBits", "rekeyInterval", "clients"];

/** What processes cannot share: a socket's file, a folder's quota, and what a CA is asked for. */
function checkWorkers({ listen, receiveDir, security }: ServerConfig): void {
  if (!CAN_SHARE_PORTS) throw new Error("workers needs Node");
  const isImpossible = listen.startsWith("unix:") || receiveDir !== undefined ||
    security.some(({ acme }) => acme !== undefined);
  if (isImpossible) throw new Error("workers is for HOST:PORT, without receiveDir and acme");
}

/** The fields that each setting must and may have beside `setting` and `compression`. */
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

/** What belongs to `clients.roots`. */
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
      "certificate: TLS with certificates. key: TLS with a bare key. native: a Noise channel. off: no protection.",
      oneOf("certificate", "key", "native", "off"),
    ),
  },
  optional: {
    certificate: about("The server's certificate and those between it and the root: a PEM file.", text),
    key: about("The server's private key: a file. native may have an X25519 key.", text),
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
      "Milliseconds that have to pass between two changes of keys that a client brings about; 900 by default.",
      integer(1, MOST),
    ),
    clients: about(
      "Which clients are let in; anyone by default.",
      record({
        required: {},
        optional: {
          roots: about("For certificate and key: a file with the roots of the clients' certificates.", text),
          crls: about("Files with revocation lists, for roots.", list(text)),
          crlIssuers: about(
            "Files with the certificates of those who sign the lists, if they are not the CAs in the chain.",
            list(text),
          ),
          maximumAgeDays: about(
            "For how many days a list that names no next one shows a certificate to be good; 7 by default.",
            integer(0, MAX_DAYS),
          ),
          revocation: about(
            "hard refuses certificates that no list shows to be good; soft, the default, those that one shows to be revoked.",
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
    trust: about("For native without secret and key: no safety from a man in the middle.", oneOf("anyone")),
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
      "Addresses and ranges of the proxies that pass clients on with a PROXY protocol header.",
      list(parsed(checkRange), 1),
    ),
    websocket: about("Speaks WebSocket instead of bare TCP.", flag),
    origins: about(
      "Browsers' origins that may connect by WebSocket; the server's own by default. * is any.",
      list(parsed(checkOrigin)),
    ),
    paths: about("Paths that WebSockets may be opened at; any by default.", list(parsed(checkPath), 1)),
    receiveDir: about("A folder that receives files.", text),
    maxFileSize: about("Bytes in the largest file that is received.", integer(0, Number.MAX_SAFE_INTEGER)),
    receiveQuota: about("Bytes in all files of receiveDir together.", integer(0, Number.MAX_SAFE_INTEGER)),
    forward: about(
      "HOST:PORT or unix:PATH of a program that each channel is joined to.",
      parsedWithPath(parseDestination),
    ),
    workers: about(
      "Processes that share the port, each with the limits of one server; one alone by default.",
      integer(1, MAX_WORKERS),
    ),
    drain: about(
      "Milliseconds that channels may go on when the server is to end; 0 by default.",
      integer(0, MOST),
    ),
    log: about("How standard error is written; text by default.", oneOf("text", "json")),
    pidFile: about("A file that has the process's number while the server listens.", text),
    watch: about("Reads keys, certificates and secrets again when one of their files changes.", flag),
    crypto: about("platform by default. pure uses nothing but TypeScript.", oneOf("platform", "pure")),
    ...LIMITS,
  },
};

/** Returns the JSON Schema of a configuration, which editors use to complete and check it. */
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

/** The files that the settings are made of, and that others than the server write. */
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
