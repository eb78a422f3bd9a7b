/** The options of `fesa serve`. */

import { ACME_OPTIONS } from "../acme/config.ts";
import type { Option } from "../command.ts";
import { PASSPHRASE_OPTION } from "../credentials/passphrase.ts";
import { KEY_LOG_OPTION } from "../key_log.ts";
import {
  ALGORITHMS,
  ALLOW_WEAK_OPTION,
  CIPHER_OPTION,
  COMPRESSION_OPTION,
  CRYPTO_OPTION,
  KEY_EXCHANGE_OPTION,
  SETTINGS,
} from "../options.ts";
import { LIMIT_OPTIONS } from "./limits.ts";

/** All of them, by name. */
export const SERVER_OPTIONS: Readonly<Record<string, Option>> = {
  listen: {
    type: "string",
    value: "HOST:PORT",
    help: "where to listen, or unix:PATH; port 0 chooses a free port",
  },
  "socket-mode": { type: "string", value: "MODE", help: "who may open the Unix socket; 600 by default" },
  websocket: { type: "boolean", help: "speak WebSocket instead of bare TCP" },
  origin: {
    type: "string",
    multiple: true,
    value: "ORIGIN",
    help: "origins of pages that may connect by WebSocket; the server's own by default, * for any",
  },
  path: {
    type: "string",
    multiple: true,
    value: "PATH",
    help: "a path at which a WebSocket may be opened; any by default",
  },
  "proxy-protocol": {
    type: "string",
    multiple: true,
    value: "ADDRESS",
    help: "expect a PROXY protocol header on each connection, from proxies at this address or range",
  },
  setting: {
    type: "string",
    multiple: true,
    value: "SETTING",
    choices: SETTINGS,
    help: "certificate, key, native or off; several may be offered",
  },
  certificate: {
    type: "string",
    value: "FILE",
    help: "the server's certificate, followed by the intermediates",
  },
  key: { type: "string", value: "FILE", help: "the server's private key" },
  acme: {
    type: "boolean",
    help:
      "get the certificate from a CA, as fesa acme does, and renew it; kept in chain.pem and key.pem by default",
  },
  ...ACME_OPTIONS,
  "passphrase-file": PASSPHRASE_OPTION,
  "key-exchange": KEY_EXCHANGE_OPTION,
  algorithm: {
    type: "string",
    value: "LIST",
    choices: ALGORITHMS,
    help:
      "for certificate and key: AES (by default), ChaCha20, 3DES, or several in order of preference, separated by commas",
  },
  "allow-weak": ALLOW_WEAK_OPTION,
  "rekey-interval": {
    type: "string",
    value: "MILLISECONDS",
    help:
      "end sessions whose client updates keys more often than this; for certificate and key; 900 by default",
  },
  "secret-file": { type: "string", value: "FILE", help: "the shared secret, for native" },
  "native-key": {
    type: "string",
    value: "FILE",
    help: "the server's X25519 key, for native; clients need its public key",
  },
  "trust-anyone": {
    type: "boolean",
    help: "for native, instead of a secret or key: no protection against a man in the middle",
  },
  "client-roots": {
    type: "string",
    value: "FILE",
    help: "for certificate and key: accept clients with a certificate under these roots",
  },
  "client-crl": {
    type: "string",
    multiple: true,
    value: "FILE",
    help: "a revocation list, for --client-roots",
  },
  "require-client-crl": {
    type: "boolean",
    help: "refuse clients' certificates that no current list covers",
  },
  "client-crl-issuer": {
    type: "string",
    multiple: true,
    value: "FILE",
    help: "certificates of the signers of --client-crl, if those are not the CAs in the chain",
  },
  "client-crl-days": {
    type: "string",
    value: "DAYS",
    help: "how long a list of --client-crl without nextUpdate counts as current; 7 by default",
  },
  "client-pin": {
    type: "string",
    multiple: true,
    value: "PIN",
    help: "for certificate and key: accept the client with this key",
  },
  "client-key": {
    type: "string",
    multiple: true,
    value: "x25519:…",
    help: "for --native-key: accept the client with this key",
  },
  cipher: CIPHER_OPTION,
  compression: COMPRESSION_OPTION,
  crypto: CRYPTO_OPTION,
  echo: { type: "boolean", help: "send each message back; the default" },
  "receive-dir": { type: "string", value: "DIR", help: "store files that fesa connect --send sends" },
  "max-file-size": { type: "string", value: "BYTES", help: "bytes in the largest file; 4 GiB by default" },
  "receive-quota": {
    type: "string",
    value: "BYTES",
    help: "bytes in all files of the folder together; no limit by default",
  },
  forward: {
    type: "string",
    value: "HOST:PORT",
    help: "forward each channel to the program that listens here",
  },
  alpn: {
    type: "string",
    multiple: true,
    value: "PROTOCOL",
    help: "for --forward: also accept ordinary TLS clients of this ALPN protocol; browsers need http/1.1",
  },
  "key-log": KEY_LOG_OPTION,
  workers: {
    type: "string",
    value: "N",
    help: "how many processes share the port, each with its own limits; 1 by default",
  },
  log: {
    type: "string",
    value: "text|json",
    choices: ["text", "json"],
    help: "the format of standard error; text by default",
  },
  drain: {
    type: "string",
    value: "MILLISECONDS",
    help: "how long open channels may go on after the server was told to end; 0 by default",
  },
  "pid-file": { type: "string", value: "FILE", help: "write the process ID here while the server listens" },
  watch: {
    type: "boolean",
    help: "read keys, certificates and secrets again when a file changes, as at SIGHUP",
  },
  ...LIMIT_OPTIONS,
  config: {
    type: "string",
    value: "FILE",
    help: "read all of this from a file instead: JSON, comments allowed",
  },
};
