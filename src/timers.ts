/** Time limits, and turns of the event loop: the one place that decides when work makes way for others. */

/** What `setTimeout` gives. */
export type Timer = ReturnType<typeof setTimeout>;

/** The most milliseconds that a timer takes, some 25 days; of more, such as `Infinity`, it makes 1. */
const LONGEST = 2 ** 31 - 1;

/** Milliseconds of work that all channels together may do in one turn of the event loop. */
const TURN_BUDGET = 4;

/** Calls `action` after so many milliseconds, or after the most that a timer takes. */
export function after(milliseconds: number, action: () => void): Timer {
  return setTimeout(action, Math.min(milliseconds, LONGEST));
}

/** Does the same, but does not keep the program alive for it. */
export function inBackground(milliseconds: number, action: () => void): Timer {
  const timer = after(milliseconds, action);
  (timer as { unref?(): void }).unref?.(); // in browsers a timer is a number
  return timer;
}

/** Whether `work` settles, either way, within so many milliseconds. */
export async function settlesWithin(milliseconds: number, work: Promise<unknown>): Promise<boolean> {
  let timer: Timer | undefined;
  const late = new Promise<boolean>((resolve) => timer = after(milliseconds, () => resolve(false)));
  const settled = work.then(() => true, () => true);
  const result = await Promise.race([settled, late]);
  clearTimeout(timer);
  return result;
}

/** On workerd each request has turns of its own, which another cannot wait for; the platform bounds what it does. */
const SHARED_LOOP = globalThis.navigator?.userAgent !== "Cloudflare-Workers";

/** When the work of this turn began; undefined before any. While it is set, {@link beginTurn} is going to be called. */
let began: number | undefined;

/** Those who wait for a turn, each origin's in the order in which they came; the origin whose turn it is comes first. */
const waiting: Map<unknown, (() => void)[]> = new Map();

/**
 * Whether this turn of the event loop has had its share of work. Every loop whose length a peer or a caller decides asks
 * this between two steps of at most a few milliseconds, and waits for {@link nextTurn} if so:
 *
 *     if (turnIsSpent()) await nextTurn();
 *
 * The share is time, so that many small steps fit into one turn and throughput does not suffer.
 */
export function turnIsSpent(): boolean {
  if (!SHARED_LOOP) return false;
  const now = performance.now();
  if (began === undefined) expectTurn(now);
  return now - began! >= TURN_BUDGET;
}

/**
 * Waits for another turn of the event loop; timers and other connections are served first. The origins that wait get one turn
 * each, and of each origin whoever came first: a thousand connections from one address take no more turns than one from another.
 *
 * @param origin Where the work comes from, such as the peer's address; an origin of its own by default.
 */
export function nextTurn(origin: unknown = {}): Promise<void> {
  if (began === undefined) expectTurn(performance.now());
  return new Promise((resolve) => {
    const same = waiting.get(origin);
    if (same === undefined) waiting.set(origin, [resolve]);
    else same.push(resolve);
  });
}

function expectTurn(now: number): void {
  began = now;
  requestTurn();
}

function beginTurn(): void {
  began = undefined;
  const resume = nextInLine();
  if (resume === undefined) return;
  expectTurn(performance.now());
  resume();
}

/** Takes the first of the origin whose turn it is, which then comes after all the others. */
function nextInLine(): (() => void) | undefined {
  for (const [origin, line] of waiting) {
    waiting.delete(origin);
    const first = line.shift();
    if (line.length > 0) waiting.set(origin, line);
    return first;
  }
  return undefined;
}

const { setImmediate } = globalThis as { setImmediate?: (action: () => void) => unknown };
let port: MessagePort | undefined;

/** Has {@link beginTurn} called in the next turn. Not by `setTimeout`, which browsers hold back by 4 ms. */
function requestTurn(): void {
  if (setImmediate !== undefined) return void setImmediate(beginTurn);
  if (port === undefined) {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = beginTurn;
    port = port2;
  }
  port.postMessage(null);
}
