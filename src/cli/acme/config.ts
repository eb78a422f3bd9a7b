/** Which CA issues a certificate, for which names, and how control of them is proved: as options and as fields of a configuration. */

import type { ExternalAccount } from "../../acme/mod.ts";
import { fromBase64Url } from "../../bytes.ts";
import { parseAlternativeName } from "../../x509/names/alternative_name.ts";
import { type Arguments, errorLine, type Option, UsageError } from "../command.ts";
import { parseEndpoint } from "../endpoint.ts";
import { readTextFile } from "../files.ts";
import {
  about,
  checkFields,
  type Fields,
  flag,
  list,
  parsed,
  parsedWithPath,
  text,
} from "../server/fields.ts";

/** What is requested, and from which CA. */
export interface AcmeConfig {
  /** The names of the server. */
  readonly domains: readonly string[];
  /** The URL of the CA's directory; Let's Encrypt's by default. */
  readonly directory?: string;
  /** An email address for the CA to write to. */
  readonly email?: string;
  /** Whether the CA's terms are agreed to. */
  readonly agreeToTerms?: boolean;
  /** A file with the account's private key, made if it is missing. */
  readonly accountKey?: string;
  /** The key identifier of an external account at the CA. */
  readonly externalKeyId?: string;
  /** A file with the external account's MAC key, as base64url. */
  readonly externalKeyFile?: string;
  /** `HOST:PORT` where http-01 is answered. */
  readonly httpListen?: string;
  /** A folder of a web server that gets the answers of http-01. */
  readonly webroot?: string;
  /** A program that sets the records of dns-01. */
  readonly dnsHook?: string;
  /** `HOST:PORT` where tls-alpn-01 is answered. */
  readonly tlsListen?: string;
}

/** Those fields, as a configuration has them. */
export const ACME: Fields = {
  required: { domains: about("The names of the server.", list(parsed(checkDomain), 1)) },
  optional: {
    directory: about("The URL of the CA's ACME directory; Let's Encrypt's by default.", parsed(checkUrl)),
    email: about("An email address for the CA to write to.", text),
    agreeToTerms: about("Whether you agree to the CA's terms of service.", flag),
    accountKey: about("A file with the account's private key, made if it is missing.", text),
    externalKeyId: about("The key identifier of an external account at the CA.", text),
    externalKeyFile: about("A file with the external account's MAC key, as base64url.", text),
    httpListen: about("Where http-01 is answered; 0.0.0.0:80 by default.", parsedWithPath(parseEndpoint)),
    webroot: about("A folder of a web server that gets the answers of http-01.", text),
    dnsHook: about("A program that sets the records of dns-01.", text),
    tlsListen: about(
      "Where tls-alpn-01 is answered; the server itself answers if this is where it listens.",
      parsedWithPath(parseEndpoint),
    ),
  },
};

/** The configuration field of each option. */
const OPTION_FIELDS: Readonly<Record<string, keyof AcmeConfig>> = {
  domain: "domains",
  directory: "directory",
  email: "email",
  "agree-tos": "agreeToTerms",
  "account-key": "accountKey",
  "eab-kid": "externalKeyId",
  "eab-key-file": "externalKeyFile",
  "http-listen": "httpListen",
  webroot: "webroot",
  "dns-hook": "dnsHook",
  "tls-listen": "tlsListen",
};

/** The options of every command that gets a certificate by ACME. */
export const ACME_OPTIONS: Readonly<Record<string, Option>> = {
  domain: {
    type: "string",
    multiple: true,
    value: "NAME",
    help: "a name of the server; separate several with commas",
  },
  directory: {
    type: "string",
    value: "URL",
    help: "the CA's ACME directory; Let's Encrypt's by default",
  },
  email: { type: "string", value: "ADDRESS", help: "an email address for the CA to write to" },
  "agree-tos": { type: "boolean", help: "agree to the CA's terms of service" },
  "account-key": {
    type: "string",
    value: "FILE",
    help: "the account's private key, made if it is missing; acme-account.pem by default",
  },
  "eab-kid": {
    type: "string",
    value: "ID",
    help: "the key identifier of an external account at the CA",
  },
  "eab-key-file": {
    type: "string",
    value: "FILE",
    help: "a file with the external account's MAC key, as base64url",
  },
  "http-listen": {
    type: "string",
    value: "HOST:PORT",
    help: "answer http-01 here, which the CA must reach as port 80; 0.0.0.0:80 by default",
  },
  webroot: { type: "string", value: "DIR", help: "write http-01's answers into this folder of a web server" },
  "dns-hook": {
    type: "string",
    value: "PROGRAM",
    help: "set dns-01's records by PROGRAM set|clear NAME VALUE; needed for wildcards",
  },
  "tls-listen": {
    type: "string",
    value: "HOST:PORT",
    help:
      "answer tls-alpn-01 here, which the CA must reach as port 443; fesa serve can answer on its own port",
  },
};

/** Reads and checks the options; throws a {@link UsageError} that names the wrong one. */
export function acmeFromArguments(args: Arguments): AcmeConfig {
  const given = Object.entries(OPTION_FIELDS).filter(([option]) => args.has(option));
  const config = Object.fromEntries(given.map(([option, field]) => [field, valueOf(option, args)]));
  try {
    const checked = checkFields(ACME, config) as AcmeConfig;
    checkAcme("", checked);
    return checked;
  } catch (error) {
    throw new UsageError(inOptions(errorLine(error)));
  }
}

function valueOf(option: string, args: Arguments): unknown {
  switch (option) {
    case "domain":
      return args.items(option);
    case "agree-tos":
      return true;
    default:
      return args.text(option);
  }
}

/** Replaces the name of a field at the beginning of a message with that of its option. */
function inOptions(problem: string): string {
  const options = new Map(Object.entries(OPTION_FIELDS).map(([option, field]) => [field as string, option]));
  return problem.replace(
    /^(.*?)(?:\[\d+\])?(?=:| is | exclude | go )/,
    (_, fields: string) =>
      fields.replace(/\w+/g, (name) => options.has(name) ? `--${options.get(name)}` : name),
  );
}

/** Checks the fields against each other; errors put `path` before their names. */
export function checkAcme(path: string, config: AcmeConfig): void {
  const { domains, httpListen, webroot, dnsHook, tlsListen, externalKeyId, externalKeyFile } = config;
  if ([httpListen, webroot, dnsHook, tlsListen].filter((one) => one !== undefined).length > 1) {
    throw new Error(`${path}httpListen, webroot, dnsHook and tlsListen exclude each other`);
  }
  if (domains.some((name) => name.startsWith("*.")) && dnsHook === undefined) {
    throw new Error(`${path}dnsHook is missing, which a wildcard needs`);
  }
  if ((externalKeyId === undefined) !== (externalKeyFile === undefined)) {
    throw new Error(`${path}externalKeyId and externalKeyFile go together`);
  }
}

/** Reads the external account (RFC 8555 section 7.3.4). */
export async function externalAccount(
  { externalKeyId: keyId, externalKeyFile: file }: AcmeConfig,
): Promise<ExternalAccount | undefined> {
  if (keyId === undefined || file === undefined) return undefined;
  const text = (await readTextFile(file)).trim().replace(/=+$/, "");
  try {
    return { keyId, macKey: fromBase64Url(text) };
  } catch {
    throw new Error(`${file}: a MAC key is written as base64url`);
  }
}

function checkDomain(name: string): void {
  const { type } = parseAlternativeName(name);
  if (type !== "dns" && type !== "ip") throw new Error(`${name} is not a DNS name or an IP address`);
}

function checkUrl(url: string): void {
  if (!URL.canParse(url)) throw new Error(`${url} is not a URL`);
}
