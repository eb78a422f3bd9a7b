/** The errors of this library: one class with stable codes. @module */

/**
 * The code of an error. Codes are stable, so programs may compare them.
 *
 * | code | meaning |
 * | --- | --- |
 * | `protocol` | the peer sent something the protocol does not allow |
 * | `decrypt` | a record or message is not authentic |
 * | `limit` | a size, count or depth limit was exceeded |
 * | `not_offered` | no setting, version, suite or parameter in common |
 * | `certificate` | a certificate or its chain was refused (a {@link CertificateError}) |
 * | `untrusted` | the peer's key is not trusted |
 * | `key_changed` | the peer's key is not the one that was trusted before |
 * | `alert` | the peer ended the session with an alert |
 * | `truncated` | the transport ended without an orderly close |
 * | `timeout` | a time limit expired |
 * | `aborted` | this program ended it: an `AbortSignal` fired, a stream, channel or server was ended, or a callback threw |
 * | `transport` | the transport failed; `cause` says how |
 * | `closed` | the channel was closed before |
 * | `malformed` | a key, certificate, request or other file is not well formed |
 * | `unsupported` | well formed, but of a kind this library does not support |
 * | `passphrase` | a passphrase is missing or wrong |
 * | `crypto` | a cryptographic operation refused its input |
 * | `acme` | a certification authority refused a request for a certificate, or its answer violates ACME |
 */
export type ErrorCode =
  | "protocol"
  | "decrypt"
  | "limit"
  | "not_offered"
  | "certificate"
  | "untrusted"
  | "key_changed"
  | "alert"
  | "truncated"
  | "timeout"
  | "aborted"
  | "transport"
  | "closed"
  | "malformed"
  | "unsupported"
  | "passphrase"
  | "crypto"
  | "acme";

/** The details of a {@link ChannelError} besides its code and message. */
export interface ChannelErrorOptions {
  /** The TLS alert's registered name (RFC 5246 section 7.2), if there is one. */
  readonly alert?: string;
  /** Whether this side sent the alert or received it. */
  readonly direction?: "sent" | "received";
  /** The underlying error, if there is one. */
  readonly cause?: unknown;
}

/**
 * The error class of this library. Its messages never contain secrets.
 *
 * @example
 * ```ts
 * import { ChannelError } from "@fesa/channel";
 *
 * const error = new ChannelError("timeout", "the handshake took longer than 10 s");
 * if (error.code !== "timeout") throw error;
 * ```
 */
export class ChannelError extends Error {
  /** The stable code of the error. */
  readonly code: ErrorCode;
  /** The TLS alert's registered name, if there is one. */
  readonly alert: string | undefined;
  /** Whether this side sent the alert or received it. */
  readonly direction: "sent" | "received" | undefined;

  /** Makes an error. `message` must be one line without secrets. */
  constructor(code: ErrorCode, message: string, options: ChannelErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "ChannelError";
    this.code = code;
    this.alert = options.alert;
    this.direction = options.direction;
  }
}

/** Returns the result of `work`, or undefined if it throws a {@link ChannelError}. Throws other errors. */
export function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof ChannelError) return undefined;
    throw error;
  }
}

/** Why a certificate or its chain was refused; see {@link CertificateError}. */
export type CertificateReason =
  | "no_path"
  | "expired"
  | "not_yet_valid"
  | "signature"
  | "weak"
  | "not_a_ca"
  | "path_length"
  | "key_usage"
  | "extended_key_usage"
  | "name_constraints"
  | "policy"
  | "name_mismatch"
  | "unknown_critical_extension"
  | "revoked"
  | "revocation_unknown"
  | "unsupported_algorithm"
  | "limit"
  | "invalid";

/**
 * A certificate or its chain was refused: `code` is `"certificate"`, `reason` says which rule.
 *
 * @example
 * ```ts
 * import { CertificateError } from "@fesa/channel";
 *
 * function explain(error: unknown): string {
 *   if (!(error instanceof CertificateError)) return String(error);
 *   return `certificate ${error.depth} of the chain: ${error.reason}`; // certificate 0 of the chain: expired
 * }
 * ```
 */
export class CertificateError extends ChannelError {
  /** The rule that the certificate or chain violates. */
  readonly reason: CertificateReason;
  /** The position of the certificate at fault: 0 is the end entity, 1 its issuer, and so on. */
  readonly depth: number;

  /** Makes an error about the certificate at `depth`. */
  constructor(reason: CertificateReason, depth: number, message: string, options: ChannelErrorOptions = {}) {
    super("certificate", message, options);
    this.name = "CertificateError";
    this.reason = reason;
    this.depth = depth;
  }
}
