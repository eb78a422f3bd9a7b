/** Abort signals: the error for a signal that has fired, and listeners. */

import { ChannelError } from "./errors.ts";

/** Returns the error for a call whose signal has fired. `what` describes the state of the operation. */
export function abortedBy(signal: AbortSignal | undefined, what = ""): ChannelError {
  const message = `aborted by the caller's signal${what && `: ${what}`}`;
  return new ChannelError("aborted", message, { cause: signal?.reason });
}

/**
 * The listeners of a signal. One event listener calls them all, because Node warns of a leak at the eleventh event listener.
 */
interface Audience {
  readonly listeners: Set<() => void>;
  readonly call: () => void;
}

const AUDIENCES = new WeakMap<AbortSignal, Audience>();

/**
 * Calls `listener` once when the signal fires.
 *
 * @returns A function that stops listening.
 */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (signal === undefined) return () => {};
  const own = () => listener(); // a new function, since a caller may pass the same listener twice
  const { listeners, call } = audienceOf(signal);
  listeners.add(own);
  return () => {
    if (!listeners.delete(own) || listeners.size > 0) return;
    signal.removeEventListener("abort", call);
    AUDIENCES.delete(signal);
  };
}

function audienceOf(signal: AbortSignal): Audience {
  const known = AUDIENCES.get(signal);
  if (known !== undefined) return known;
  const listeners = new Set<() => void>();
  const audience = { listeners, call: () => listeners.forEach((listener) => listener()) };
  AUDIENCES.set(signal, audience);
  signal.addEventListener("abort", audience.call, { once: true });
  return audience;
}
