/** The alert protocol (RFC 5246 section 7.2): names, codes, and the errors for them. */

import { CertificateError, type CertificateReason, ChannelError, type ErrorCode } from "../errors.ts";

const CODES = {
  close_notify: 0,
  unexpected_message: 10,
  bad_record_mac: 20,
  decryption_failed_RESERVED: 21,
  record_overflow: 22,
  decompression_failure: 30,
  handshake_failure: 40,
  no_certificate_RESERVED: 41,
  bad_certificate: 42,
  unsupported_certificate: 43,
  certificate_revoked: 44,
  certificate_expired: 45,
  certificate_unknown: 46,
  illegal_parameter: 47,
  unknown_ca: 48,
  access_denied: 49,
  decode_error: 50,
  decrypt_error: 51,
  export_restriction_RESERVED: 60,
  protocol_version: 70,
  insufficient_security: 71,
  internal_error: 80,
  inappropriate_fallback: 86, // RFC 7507
  user_canceled: 90,
  no_renegotiation: 100,
  missing_extension: 109, // RFC 8446
  unsupported_extension: 110,
  certificate_unobtainable: 111, // RFC 6066
  unrecognized_name: 112, // RFC 6066
  bad_certificate_status_response: 113, // RFC 6066
  unknown_psk_identity: 115, // RFC 4279
  certificate_required: 116, // RFC 8446
  no_application_protocol: 120, // RFC 7301
} as const;

/** The registered name of an alert. */
export type AlertName = keyof typeof CODES;

const NAMES: ReadonlyMap<number, AlertName> = new Map(
  Object.entries(CODES).map(([name, code]) => [code, name as AlertName]),
);

const WARNING = 1;
const FATAL = 2;

/** An alert as sent in a record. */
export interface Alert {
  readonly fatal: boolean;
  /** The registered name, or `alert_N` for an unknown code. */
  readonly name: string;
}

/** The two bytes of an alert; `close_notify` and `no_renegotiation` are warnings, all others fatal. */
export function encodeAlert(name: AlertName): Uint8Array {
  const warning = name === "close_notify" || name === "no_renegotiation";
  return Uint8Array.of(warning ? WARNING : FATAL, CODES[name]);
}

/** Reads the one alert of a record. */
export function decodeAlert(fragment: Uint8Array): Alert {
  if (fragment.length !== 2) throw fatalAlert("decode_error", "an alert is two bytes long");
  const [level, code] = fragment;
  if (level !== WARNING && level !== FATAL) {
    throw fatalAlert("illegal_parameter", "an alert has an unknown level");
  }
  return { fatal: level === FATAL, name: NAMES.get(code) ?? `alert_${code}` };
}

/** Returns the alert to send for an error. */
export function alertOf(error: unknown): AlertName {
  const name = error instanceof ChannelError && error.direction === "sent" ? error.alert : undefined;
  return name !== undefined && Object.hasOwn(CODES, name) ? name as AlertName : "internal_error";
}

const ERROR_CODES: Partial<Record<AlertName, ErrorCode>> = {
  bad_record_mac: "decrypt",
  decrypt_error: "decrypt",
  record_overflow: "limit",
  handshake_failure: "not_offered",
  protocol_version: "not_offered",
  insufficient_security: "not_offered",
  inappropriate_fallback: "not_offered",
  no_application_protocol: "not_offered",
};

/** Returns the error with which this side ends the session. The peer is sent `alert`. */
export function fatalAlert(alert: AlertName, message: string, code?: ErrorCode): ChannelError {
  return new ChannelError(code ?? ERROR_CODES[alert] ?? "protocol", message, { alert, direction: "sent" });
}

/** The error message of a server that requires client credentials and gets none. */
export const NO_CREDENTIALS = "the client shows no certificate or key, and this server requires one";

/** The error message of a client that was asked for credentials and has none. */
export const CREDENTIALS_WANTED =
  "the server asked for this client's certificate or key, and none was sent: set credentials of a type, and with signatures, that the server accepts";

/** What this side's configuration may lack if the peer sends these alerts. */
const HINTS: Partial<Record<AlertName, string>> = {
  bad_certificate: "the peer refuses the certificate that this side shows",
  unsupported_certificate:
    "the peer refuses the certificate that this side shows, because of its kind of key or its usage",
  certificate_revoked: "the certificate that this side shows is revoked",
  certificate_expired:
    "the certificate that this side shows has expired, or is not valid yet, by the peer's clock",
  certificate_unknown:
    "the peer refuses the certificate or key that this side shows, because of its name, its pin or something else",
  unknown_ca:
    "the peer finds no path to a root that it trusts: the peer needs the root, and this side's certificates must include every intermediate",
  certificate_required: CREDENTIALS_WANTED,
  unrecognized_name: "the server has no certificate for serverName",
  no_application_protocol: "there is no application protocol in common with the peer; channels use fesa/1",
};

/** Returns the error for a fatal alert from the peer. `hint` says what may help. */
export function receivedAlert(
  name: string,
  hint: string | undefined = HINTS[name as AlertName],
): ChannelError {
  const message = `the peer ended the session: ${name}`;
  return new ChannelError("alert", hint ? `${message} (${hint})` : message, {
    alert: name,
    direction: "received",
  });
}

/** Returns a ChannelError unchanged, and an `aborted` error for any other failure, such as one in a callback. */
export function toChannelError(error: unknown): ChannelError {
  if (error instanceof ChannelError) return error;
  return new ChannelError("aborted", "the session failed internally: see the cause", {
    alert: "internal_error",
    direction: "sent",
    cause: error,
  });
}

const CERTIFICATE_ALERTS: Partial<Record<CertificateReason, AlertName>> = {
  no_path: "unknown_ca",
  expired: "certificate_expired",
  not_yet_valid: "certificate_expired",
  revoked: "certificate_revoked",
  revocation_unknown: "certificate_unknown",
  weak: "unsupported_certificate",
  key_usage: "unsupported_certificate",
  extended_key_usage: "unsupported_certificate",
  unsupported_algorithm: "unsupported_certificate",
  unknown_critical_extension: "unsupported_certificate",
};

/** Returns the error, including the alert to send, for a peer whose credentials were refused because of `cause`. */
export function refusedPeer(cause: unknown): ChannelError {
  if (cause instanceof CertificateError) {
    const alert = CERTIFICATE_ALERTS[cause.reason] ?? "bad_certificate";
    return new CertificateError(cause.reason, cause.depth, cause.message, {
      alert,
      direction: "sent",
      cause,
    });
  }
  if (cause instanceof ChannelError) {
    if (cause.alert !== undefined) return cause;
    const alert = cause.code === "malformed" ? "bad_certificate" : "certificate_unknown";
    return new ChannelError(cause.code, cause.message, { alert, direction: "sent", cause });
  }
  return new ChannelError("untrusted", "the peer's credentials were refused", {
    alert: "certificate_unknown",
    direction: "sent",
    cause,
  });
}
