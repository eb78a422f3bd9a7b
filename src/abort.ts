/** Hearing of an abort: many may listen to one signal, which Node would take for a leak from the eleventh on. */

/** Those who listen to a signal, and the one listener of ours that stands at it. */
interface Audience {
  readonly listeners: Set<() => void>;
  readonly call: () => void;
}

const AUDIENCES = new WeakMap<AbortSignal, Audience>();

/**
 * Calls `listener` once when the signal fires.
 *
 * @returns Stops listening.
 */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (signal === undefined) return () => {};
  const own = () => listener(); // the same function may listen twice
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
