/** What WebSockets of every kind have in common here: close codes, and how bytes are cut into messages. */

import { ChannelError } from "../errors.ts";

/** The most that goes into one message: peers may have a limit. This is the most that has a length of two bytes. */
export const MAX_MESSAGE_LENGTH = 65_535;

/** RFC 6455 section 7.4.1. */
export const CLOSE_CODE = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  unsupportedData: 1003,
  noStatus: 1005,
} as const;

/** What a platform's WebSocket may close with: RFC 6455 section 7.4.2 leaves 4000 to 4999 to applications. */
export const OWN_CLOSE_CODE = { aborted: 4000, unsupportedData: 4003, tooMuch: 4009 } as const;

/** Whether a close code says that the stream ended in order. */
export function isOrderly(code: number): boolean {
  return code === CLOSE_CODE.normal || code === CLOSE_CODE.goingAway || code === CLOSE_CODE.noStatus;
}

/** The error that a close code stands for. */
export function closedWith(code: number, reason: string): ChannelError {
  const why = reason === "" ? "" : `: ${reason}`;
  return new ChannelError("transport", `the WebSocket was closed with code ${code}${why}`);
}

/** The error for a message that is not binary. */
export function textRefused(): ChannelError {
  return new ChannelError("protocol", "the peer sent text on a WebSocket for bytes");
}
