/** What a server is told to do: by the command line, or by a JSON file of the same shape. */

import { dirname, resolve } from "node:path";
import { pin } from "../channel/settings/key/trust.ts";
import { parseDestination, parseEndpoint } from "./endpoint.ts";
import { readTextFile } from "./files.ts";
import { parseNativeKeyText } from "./native_key.ts";

/** Which clients a setting lets in. */
export interface ClientsConfig {
  /** A PEM file of roots. */
  readonly roots?: string;
  /** Files with revocation lists, for `roots`. */
  readonly crls?: readonly string[];
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
  /** The server's private key, PEM: RSA for `certificate` and `key`; `native` may have one of X25519. */
  readonly key?: string;
  readonly algorithm?: "AES" | "3DES";
  /** 2048 by default; 1024 has to be named. */
  readonly minimumKeyBits?: number;
  readonly clients?: ClientsConfig;
  /** The shared secret; `native` has either this, or `key`, or `"trust": "anyone"`. */
  readonly secretFile?: string;
  readonly trust?: "anyone";
  readonly compression?: "off" | "message" | "stream";
}

/** A whole server. */
export interface ServerConfig {
  /** `HOST:PORT`. */
  readonly listen: string;
  readonly websocket?: boolean;
  readonly security: readonly SettingConfig[];
  /** A folder that receives files; without it and `forward`, the server echoes. */
  readonly receiveDir?: string;
  /** Bytes in the largest file that is received. */
  readonly maxFileSize?: number;
  /** `HOST:PORT` of an unchanged program. */
  readonly forward?: string;
}

/** Reads a configuration; what is wrong in it is named by its path, such as `security[0].algorithm`. */
export async function readServerConfig(path: string): Promise<ServerConfig> {
  const text = await readTextFile(path);
  try {
    return inFolder(checkServerConfig(JSON.parse(text)), dirname(path));
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Checks the shape of a configuration, and that the parts of it go together. */
export function checkServerConfig(value: unknown): ServerConfig {
  const config = object("the configuration", value, SERVER) as unknown as ServerConfig;
  if (config.forward !== undefined && config.receiveDir !== undefined) {
    throw new Error("forward and receiveDir are not for one server");
  }
  if (config.maxFileSize !== undefined && config.receiveDir === undefined) {
    throw new Error("maxFileSize is for servers that receive files");
  }
  config.security.forEach((setting, index) => checkSetting(`security[${index}]`, setting));
  if (config.security.filter(({ setting }) => setting === "off").length > 1) {
    throw new Error("security has the setting off twice");
  }
  return config;
}

/** The fields that each setting must and may have beside `setting` and `compression`. */
const FIELDS: Readonly<Record<SettingConfig["setting"], readonly [readonly string[], readonly string[]]>> = {
  certificate: [["certificate", "key"], ["algorithm", "minimumKeyBits", "clients"]],
  key: [["key"], ["algorithm", "minimumKeyBits", "clients"]],
  native: [[], ["secretFile", "key", "clients", "trust"]],
  off: [[], []],
};

function checkSetting(path: string, config: SettingConfig): void {
  const { setting, secretFile, key, trust, clients, compression } = config;
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
}

function checkClients(path: string, clients: ClientsConfig, { setting, key }: SettingConfig): void {
  const { roots, crls, pins, keys } = clients;
  if (setting === "native") {
    if (key === undefined) throw new Error(`${path}.clients is for native with a key`);
    if (keys === undefined || roots || crls || pins) throw new Error(`${path}.clients has keys alone`);
    return;
  }
  if ((roots === undefined) === (pins === undefined)) throw new Error(`${path}.clients needs roots or pins`);
  if (crls && roots === undefined) throw new Error(`${path}.clients.crls needs roots`);
  if (keys) throw new Error(`${path}.clients.keys is for the setting native`);
}

type Check = (path: string, value: unknown) => unknown;

const text: Check = (path, value) => {
  if (typeof value !== "string" || value === "") throw new Error(`${path} is not a text`);
  return value;
};

const endpoint = (parse: typeof parseEndpoint): Check => (path, value) => {
  parse(String(text(path, value)), path);
  return value;
};

/** Text that `parse` takes. */
const parsed = (parse: (text: string) => unknown): Check => (path, value) => {
  const given = String(text(path, value));
  try {
    parse(given);
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return value;
};

const flag: Check = (path, value) => {
  if (typeof value !== "boolean") throw new Error(`${path} is not true or false`);
  return value;
};

const integer = (least: number, most: number): Check => (path, value) => {
  if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most) {
    throw new Error(`${path} is not a whole number from ${least} to ${most}`);
  }
  return value;
};

const oneOf = (...choices: readonly string[]): Check => (path, value) => {
  if (!choices.includes(value as string)) throw new Error(`${path} is not one of ${choices.join(", ")}`);
  return value;
};

const list = (check: Check, least = 0): Check => (path, value) => {
  if (!Array.isArray(value)) throw new Error(`${path} is not a list`);
  if (value.length < least) throw new Error(`${path} is empty`);
  return value.map((item, index) => check(`${path}[${index}]`, item));
};

const record = (fields: Fields): Check => (path, value) => object(path, value, fields);

interface Fields {
  readonly required: Readonly<Record<string, Check>>;
  readonly optional: Readonly<Record<string, Check>>;
}

function object(path: string, value: unknown, { required, optional }: Fields): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`${path} is not an object`);
  }
  const inside = (name: string) => path === "the configuration" ? name : `${path}.${name}`;
  const given = new Map(Object.entries(value));
  for (const name of Object.keys(required)) {
    if (!given.has(name)) throw new Error(`${inside(name)} is missing`);
  }
  const checks = new Map(Object.entries({ ...required, ...optional }));
  return Object.fromEntries([...given].map(([name, item]) => {
    const check = checks.get(name);
    if (check === undefined) throw new Error(`${inside(name)} is not a field that there is`);
    return [name, check(inside(name), item)];
  }));
}

const SETTING: Fields = {
  required: { setting: oneOf("certificate", "key", "native", "off") },
  optional: {
    certificate: text,
    key: text,
    algorithm: oneOf("AES", "3DES"),
    minimumKeyBits: integer(1024, 8192),
    clients: record({
      required: {},
      optional: {
        roots: text,
        crls: list(text),
        pins: list(parsed(pin), 1),
        keys: list(parsed(parseNativeKeyText), 1),
      },
    }),
    secretFile: text,
    trust: oneOf("anyone"),
    compression: oneOf("off", "message", "stream"),
  },
};

const SERVER: Fields = {
  required: { listen: endpoint(parseEndpoint), security: list(record(SETTING), 1) },
  optional: {
    websocket: flag,
    receiveDir: text,
    maxFileSize: integer(0, Number.MAX_SAFE_INTEGER),
    forward: endpoint(parseDestination),
  },
};

/** Makes the names of files absolute. */
function inFolder(config: ServerConfig, folder: string): ServerConfig {
  const at = (path: string | undefined) => path && resolve(folder, path);
  return {
    ...config,
    receiveDir: at(config.receiveDir),
    security: config.security.map((setting) => ({
      ...setting,
      certificate: at(setting.certificate),
      key: at(setting.key),
      secretFile: at(setting.secretFile),
      clients: setting.clients && {
        ...setting.clients,
        roots: at(setting.clients.roots),
        crls: setting.clients.crls?.map((path) => resolve(folder, path)),
      },
    })),
  };
}
