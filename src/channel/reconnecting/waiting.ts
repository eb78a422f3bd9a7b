/** Waiting for a promise within a caller's limits, and promises that the program settles. */

import { abortedBy, onAbort } from "../../abort.ts";
import { ChannelError } from "../../errors.ts";
import { after } from "../../timers.ts";
import type { SendOptions } from "../channel.ts";

/** A promise with the functions that settle it. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/** Returns a promise with the functions that settle it. */
export function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((...settle) => [resolve, reject] = settle);
  promise.catch(() => {}); // the promise may not be awaited
  return { promise, resolve, reject };
}

/** Waits for `work` until one of the caller's limits is reached. */
export function limited<T>(work: Promise<T>, { signal, timeout = Infinity }: SendOptions): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(abortedBy(signal));
    if (signal?.aborted) return abort();
    const stopListening = onAbort(signal, abort);
    const giveUp = () => reject(new ChannelError("timeout", `no channel within ${timeout} ms`));
    const timer = timeout === Infinity ? undefined : after(timeout, giveUp);
    work.then(resolve, reject).finally(() => {
      stopListening();
      clearTimeout(timer);
    });
  });
}

/** Waits for this many milliseconds, or until the signal fires. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stopListening = onAbort(signal, () => (clearTimeout(timer), resolve()));
    const timer = after(milliseconds, () => (stopListening(), resolve()));
  });
}
