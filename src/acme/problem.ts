/** Errors of an ACME server: problem documents (RFC 7807, RFC 8555 section 6.7). */

import { ChannelError } from "../errors.ts";

/** The details of an {@link AcmeError}. */
export interface AcmeErrorOptions {
  /** The error type that the server gave, without the common prefix: `rateLimited`, `unauthorized` … */
  readonly type?: string | undefined;
  /** The HTTP status of the answer. */
  readonly status?: number | undefined;
  /** The earliest time to try again, as the server says. */
  readonly retryAfter?: Date | undefined;
  /** The underlying error. */
  readonly cause?: unknown;
}

/**
 * An error with the code `"acme"`: the CA refused a request, or its answer violates ACME.
 *
 * @example
 * ```ts
 * import { AcmeError } from "@fesa/channel/acme";
 *
 * function isTemporary(error: unknown): boolean {
 *   return error instanceof AcmeError && (error.type === "rateLimited" || (error.status ?? 0) >= 500);
 * }
 * ```
 */
export class AcmeError extends ChannelError {
  /** The error type that the server named (RFC 8555 section 6.7), such as `rateLimited`. */
  readonly type: string | undefined;
  /** The HTTP status of the answer, if there was one. */
  readonly status: number | undefined;
  /** The earliest time to try again, as the server says. */
  readonly retryAfter: Date | undefined;

  /** Makes an error; `message` is one line. */
  constructor(message: string, options: AcmeErrorOptions = {}) {
    super("acme", message, { cause: options.cause });
    this.name = "AcmeError";
    this.type = options.type;
    this.status = options.status;
    this.retryAfter = options.retryAfter;
  }
}

const PREFIX = "urn:ietf:params:acme:error:";

/** The most characters of a server's text that an error message quotes. */
const MAX_DETAIL = 300;

/** The members of a problem document that this library reads. */
export interface Problem {
  readonly type: string | undefined;
  readonly detail: string;
}

/** Reads a problem document and one level of subproblems. Members that are missing or of the wrong type are left out. */
export function readProblem(value: unknown): Problem {
  const { type, detail, subproblems } = members(value);
  const details = [
    detail,
    ...(Array.isArray(subproblems) ? subproblems.map((one) => members(one).detail) : []),
  ]
    .filter((text) => typeof text === "string");
  return {
    type: typeof type === "string" && type.startsWith(PREFIX)
      ? printable(type.slice(PREFIX.length)).slice(0, 40)
      : undefined,
    detail: printable(details.join("; ")).slice(0, MAX_DETAIL),
  };
}

function members(value: unknown): Record<string, unknown> {
  return (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
}

/** Returns text that is safe to print on a terminal: control characters and line ends become spaces. */
function printable(text: string): string {
  return text.replace(/[\p{C}\p{Z}]+/gu, " ").trim();
}

/** Returns a problem's type and detail in one line. */
export function problemText({ type, detail }: Problem): string {
  return [type, detail].filter((part) => part !== undefined && part !== "").join(": ") || "no reason given";
}
