/** Hints on what a client may change if a server refuses its offer. */

import { ChannelError } from "../errors.ts";
import { CREDENTIALS_WANTED, receivedAlert } from "./alerts.ts";
import type { Settings } from "./options.ts";

/** The alerts with which a server refuses an offer as a whole. */
const REFUSALS: readonly string[] = ["handshake_failure", "protocol_version", "insufficient_security"];

/** Returns the error itself or, if the server refused this client's offer, an error that names the option likely to help. */
export function withHint(error: unknown, settings: Settings): unknown {
  if (!(error instanceof ChannelError) || error.direction !== "received") return error;
  const name = error.alert!;
  return REFUSALS.includes(name) ? receivedAlert(name, hintFor(settings)) : error;
}

/**
 * Returns the error itself or, if the server sent an alert, an error that says that this client showed no credentials. TLS
 * 1.2 has no specific alert for that.
 */
export function withCredentialsHint(error: unknown): unknown {
  if (!(error instanceof ChannelError) || error.direction !== "received") return error;
  return receivedAlert(error.alert!, CREDENTIALS_WANTED);
}

function hintFor({ tls13Suites, tls12Suites }: Settings): string | undefined {
  const withRsa = tls12Suites.filter(({ keyExchange }) => keyExchange.name === "RSA");
  if (withRsa.length === 0) {
    return 'the server may offer no TLS at all, or RSA key exchange alone, which keyExchange "either" or "RSA" enables';
  }
  if (tls13Suites.length > 0 || withRsa.length < tls12Suites.length) return undefined;
  return withRsa.every(({ name }) => name === "TLS_RSA_WITH_3DES_EDE_CBC_SHA")
    ? 'the server may refuse 3DES: algorithm "AES", or suites with AES in ./tls, may help'
    : 'the server may refuse RSA key exchange: keyExchange "ECDHE" or "either", or such suites in ./tls, may help';
}
