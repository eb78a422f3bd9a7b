/** Checks the options of `connectTls` and `acceptTls` before anything is sent. */

import { checkOptions, isBytes, wrongType } from "../check.ts";
import { hostNameToSend } from "../x509/names/server_name.ts";

const isString = (value: unknown) => typeof value === "string";
const isNumber = (value: unknown) => typeof value === "number";
const isBoolean = (value: unknown) => typeof value === "boolean";
const isFunction = (value: unknown) => typeof value === "function";
const isObject = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);
const isListOf = (isItem: (item: unknown) => boolean) => (value: unknown) =>
  Array.isArray(value) && value.every(isItem);

/** The expected type of each option. */
const EXPECTED: Readonly<Record<string, readonly [string, (value: unknown) => boolean]>> = {
  suites: ["a list of cipher suites' names", isListOf(isString)],
  groups: ["a list of named groups' names", isListOf(isString)],
  alpnProtocols: ["a list of strings", isListOf(isString)],
  certificateTypes: ['a list of "x509" and "raw"', isListOf((type) => type === "x509" || type === "raw")],
  minimumKeyBits: ["a number", isNumber],
  recordSizeLimit: ["a number", isNumber],
  handshakeTimeout: ["a number", isNumber],
  extendedMasterSecret: ['true, false or "required"', (value) => isBoolean(value) || value === "required"],
  encryptThenMac: ["true or false", isBoolean],
  required: ["true or false", isBoolean],
  rawKey: ["true or false", isBoolean],
  rekey: ["an object", isObject],
  key: ["a private key", isObject],
  clientAuthentication: ["an object", isObject],
  keyLog: ["a function", isFunction],
  trace: ["a function", isFunction],
  random: ["a function", isFunction],
  verifyPeer: ["a function", isFunction],
  roots: ["a list of parsed certificates", isListOf(isObject)],
  certificates: ["a list of parsed certificates", isListOf(isObject)],
  ocspResponse: ["a Uint8Array", isBytes],
  serverName: ["a DNS name or an IP address", isString],
  now: ["a Date", (value) => value instanceof Date],
  signal: ["an AbortSignal", (value) => value instanceof AbortSignal],
};

/** Refuses options of the wrong type. `owner` is a prefix for their names in errors. */
function checkKinds(options: object, owner = ""): void {
  for (const [name, value] of Object.entries(options)) {
    const [expected, isExpected] = Object.hasOwn(EXPECTED, name) ? EXPECTED[name] : [];
    if (value !== undefined && isExpected?.(value) === false) throw wrongType(owner + name, expected!, value);
  }
}

/** Refuses invalid options of `connectTls`. */
export function checkConnectOptions(options: { serverName?: unknown; credentials?: unknown }): void {
  checkOptions("options", options);
  checkKinds(options);
  const { serverName, credentials } = options;
  if (typeof serverName === "string") hostNameToSend(serverName, "serverName");
  if (credentials !== undefined) checkCredentialsOption("credentials", credentials);
}

/** Refuses invalid options of `acceptTls`. */
export function checkAcceptOptions(options: { credentials?: unknown; clientAuthentication?: unknown }): void {
  checkOptions("options", options);
  checkKinds(options);
  const { credentials } = options;
  if (!Array.isArray(credentials)) throw wrongType("credentials", "a list of credentials", credentials);
  credentials.forEach((item, i) => checkCredentialsOption(`credentials[${i}]`, item));
  checkClientAuthentication(options.clientAuthentication);
}

function checkCredentialsOption(option: string, credentials: unknown): void {
  checkOptions(option, credentials);
  const { key, clientAuthentication } = credentials as { key?: unknown; clientAuthentication?: unknown };
  if (key === undefined) throw wrongType(`${option}.key`, "a private key", key);
  checkKinds(credentials as object, `${option}.`);
  checkClientAuthentication(clientAuthentication);
}

function checkClientAuthentication(authentication: unknown): void {
  if (authentication === undefined) return;
  checkOptions("clientAuthentication", authentication);
  const { verifyPeer } = authentication as { verifyPeer?: unknown };
  if (verifyPeer === undefined) throw wrongType("clientAuthentication.verifyPeer", "a function", verifyPeer);
  checkKinds(authentication as object, "clientAuthentication.");
}
