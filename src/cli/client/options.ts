/** The options of `fesa connect`. */

import type { Option } from "../command.ts";
import { PASSPHRASE_OPTION } from "../credentials/passphrase.ts";
import { KEY_LOG_OPTION } from "../key_log.ts";
import {
  ALGORITHMS,
  ALLOW_WEAK_OPTION,
  CIPHER_OPTION,
  COMPRESSION_OPTION,
  CRYPTO_OPTION,
  JSON_OPTION,
  KEY_EXCHANGE_OPTION,
  REVOCATION_OPTIONS,
  ROOTS_OPTION,
  SETTINGS,
} from "../options.ts";

/** All of them, by name. */
export const CLIENT_OPTIONS: Readonly<Record<string, Option>> = {
  setting: { type: "string", value: "SETTING", choices: SETTINGS, help: "certificate, key, native or off" },
  roots: ROOTS_OPTION,
  ...REVOCATION_OPTIONS,
  name: {
    type: "string",
    value: "HOST",
    help: "the name in the server's certificate; the server's host by default",
  },
  pin: {
    type: "string",
    multiple: true,
    value: "PIN",
    help: "the pin of a trusted key, for key; fesa inspect prints it",
  },
  "known-hosts": {
    type: "string",
    value: "FILE",
    help: "trust each server's key on first use, and remember it here",
  },
  "trust-anyone": {
    type: "boolean",
    help: "trust any server, for key and native: no protection against a man in the middle",
  },
  "secret-file": { type: "string", value: "FILE", help: "the shared secret, for native" },
  "server-key": {
    type: "string",
    value: "x25519:…",
    help: "the server's public key, for native; fesa inspect prints it",
  },
  "native-key": { type: "string", value: "FILE", help: "this client's X25519 key, for native" },
  "key-exchange": KEY_EXCHANGE_OPTION,
  algorithm: {
    type: "string",
    value: "ALGORITHM",
    choices: [...ALGORITHMS, "either"],
    help: "AES (by default), ChaCha20, 3DES or either",
  },
  "allow-weak": ALLOW_WEAK_OPTION,
  certificate: {
    type: "string",
    value: "FILE",
    help: "this client's certificates, for a server that asks for them",
  },
  key: { type: "string", value: "FILE", help: "this client's private key" },
  "passphrase-file": PASSPHRASE_OPTION,
  cipher: CIPHER_OPTION,
  compression: COMPRESSION_OPTION,
  crypto: CRYPTO_OPTION,
  send: { type: "string", value: "FILE", help: "send a file to a server that receives files" },
  wait: {
    type: "string",
    value: "SECONDS",
    help: "how long an ordinary TLS server may stay silent after standard input has ended; 1 by default",
  },
  header: {
    type: "string",
    multiple: true,
    value: "HEADER",
    help:
      "for ws:// and wss://: 'NAME: VALUE', such as Authorization or Origin, or @FILE with one on each line",
  },
  "wss-roots": {
    type: "string",
    value: "FILE",
    help: "for the outer TLS of wss://: the trusted roots, or system; those of the runtime by default",
  },
  listen: {
    type: "string",
    value: "HOST:PORT",
    help: "listen here, and forward each connection through its own channel",
  },
  "keep-alive": {
    type: "string",
    value: "MILLISECONDS",
    help: "send a keepalive after sending nothing for this time; never by default",
  },
  "idle-timeout": {
    type: "string",
    value: "MILLISECONDS",
    help: "end a channel on which nothing arrives for this time; never by default",
  },
  "key-log": KEY_LOG_OPTION,
  json: JSON_OPTION,
};
