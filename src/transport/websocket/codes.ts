/** The common constants of all kinds of WebSockets: close codes, and the size of messages. */

import { ChannelError } from "../../errors.ts";

/** The most bytes in one message, since peers may have a limit. It is the largest length with a field of two bytes. */
export const MAX_MESSAGE_LENGTH = 65_535;

/** The time that a peer has to receive a close frame and answer it, in milliseconds. */
export const CLOSE_PATIENCE = 2_000;

/** The close codes of RFC 6455 section 7.4.1, and one that was registered later. */
export const CLOSE_CODE = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  unsupportedData: 1003,
  noStatus: 1005,
  tooMuch: 1009,
  internalError: 1011,
  tryAgainLater: 1013,
} as const;

/** The meanings of the registered codes for a failure. */
const MEANINGS: Readonly<Record<number, string>> = {
  1002: "protocol error",
  1003: "unsupported data",
  1006: "the connection was lost, or never made",
  1007: "invalid data",
  1008: "policy violation",
  1009: "message too big",
  1010: "an extension is missing",
  1011: "internal error",
  1012: "the service restarts",
  1013: "try again later",
  1014: "bad gateway",
  1015: "the TLS handshake failed",
};

/** Returns whether a close code means an orderly end of the stream. */
export function isOrderly(code: number): boolean {
  return code === CLOSE_CODE.normal || code === CLOSE_CODE.goingAway || code === CLOSE_CODE.noStatus;
}

/** Returns the error for a close code. */
export function closedWith(code: number, reason: string): ChannelError {
  const meaning = code in MEANINGS ? ` (${MEANINGS[code]})` : "";
  const why = reason === "" ? "" : `: ${reason}`;
  return new ChannelError("transport", `the WebSocket was closed with code ${code}${meaning}${why}`);
}

/**
 * Closes a platform's WebSocket because of an error. If the platform reserves the registered codes, as browsers do, it uses
 * the corresponding number in the range for applications (RFC 6455 section 7.4.2): 4003 instead of 1003.
 */
export function closeWith(socket: { close(code: number): void }, code: number): void {
  try {
    socket.close(code);
  } catch {
    socket.close(code + 3000);
  }
}

/** Returns the error for a message that is not binary. */
export function textRefused(): ChannelError {
  return new ChannelError("protocol", "the peer sent text on a WebSocket for bytes");
}
