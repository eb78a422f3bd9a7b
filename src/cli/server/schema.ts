/** Every field of a server's configuration by itself: what values it accepts, and its description for editors. */

import { pin } from "../../channel/settings/key/trust.ts";
import { isOrdinaryProtocol } from "../../channel/settings/tls/check.ts";
import { parseIpRange } from "../../ip_address.ts";
import { isOrigin, isPath } from "../../transport/websocket/admission.ts";
import { ACME } from "../acme/config.ts";
import { parseNativeKeyText } from "../credentials/native_key.ts";
import { parseDestination, parsePlace } from "../endpoint.ts";
import {
  ALGORITHMS,
  CIPHER_OPTION,
  COMPRESSION_OPTION,
  CRYPTO_OPTION,
  KEY_EXCHANGES,
  MAX_DAYS,
  SETTINGS,
} from "../options.ts";
import {
  about,
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
import { type LimitName, MAX_LIMIT, minimumOf, SERVER_LIMITS } from "./limits.ts";
import { MAX_WORKERS } from "./workers.ts";

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

/** The fields of one setting that the server offers. */
const SETTING: Fields = {
  required: {
    setting: about(
      "certificate: TLS with certificates. key: TLS with a raw public key. native: a Noise channel. off: no protection.",
      oneOf(...SETTINGS),
    ),
  },
  optional: {
    certificate: about("A PEM file with the server's certificate, followed by the intermediates.", text),
    key: about("A file with the server's private key; an X25519 key for native.", text),
    keyExchange: about(
      "ECDHE, the default, has forward secrecy. RSA is FESA's own exchange, which has none.",
      oneOf(...KEY_EXCHANGES),
    ),
    algorithm: about(
      "AES by default; one, or several in order of preference. 3DES is outdated, and needs RSA key exchange.",
      oneOrList(oneOf(...ALGORITHMS)),
    ),
    minimumKeyBits: about("Less than 2048 is weak.", integer(1024, 8192)),
    rekeyInterval: about(
      "The shortest time between two key updates by a client, in milliseconds; 900 by default.",
      integer(1, MAX_LIMIT),
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
            "Files with the certificates of the signers of the lists, if those are not the CAs in the chain.",
            list(text),
          ),
          maximumAgeDays: about(
            "For how many days a list without nextUpdate counts as current; 7 by default.",
            integer(0, MAX_DAYS),
          ),
          revocation: about(
            "soft, the default, refuses revoked certificates; hard also refuses those that no current list covers.",
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
      "For native, instead of a secret or key: no protection against a man in the middle.",
      oneOf("anyone"),
    ),
    cipher: about("For native; clients must choose the same.", oneOf(...CIPHER_OPTION.choices)),
    compression: about("stream is for native and off.", oneOf(...COMPRESSION_OPTION.choices)),
  },
};

const sentence = (text: string): string => `${text[0].toUpperCase()}${text.slice(1)}.`;

/** The limits, each a whole number. */
const LIMITS = Object.fromEntries(
  Object.entries(SERVER_LIMITS).map(([name, { value, help }]) => [
    name,
    about(
      sentence(`${{ N: "", MILLISECONDS: "milliseconds: ", BYTES: "bytes: " }[value]}${help}`),
      integer(minimumOf(name as LimitName), MAX_LIMIT),
    ),
  ]),
);

/** The fields of a whole server. */
export const SERVER: Fields = {
  required: {
    listen: about("HOST:PORT or unix:PATH. Port 0 chooses a free port.", parsedWithPath(parsePlace)),
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
    paths: about("Paths at which WebSockets may be opened; any by default.", list(parsed(checkPath), 1)),
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
      integer(0, MAX_LIMIT),
    ),
    log: about("The format of standard error; text by default.", oneOf("text", "json")),
    pidFile: about("A file that contains the process ID while the server listens.", text),
    watch: about("Reads keys, certificates and secrets again when one of their files changes.", flag),
    crypto: about(
      "platform, the default, uses the platform's cryptography; pure only TypeScript.",
      oneOf(...CRYPTO_OPTION.choices),
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
