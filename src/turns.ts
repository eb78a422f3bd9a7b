/** Decides when long work yields to other work in the event loop. */

/**
 * The time in milliseconds that the waiting work of all channels together may take in one turn of the event loop, and then the
 * same for their new data.
 */
const TURN_BUDGET = 4;

/**
 * Whether all work shares one event loop. On workerd a request cannot wait for the turns of another, and the platform limits
 * each request.
 */
const SHARED_LOOP = globalThis.navigator?.userAgent !== "Cloudflare-Workers";

/**
 * The maximum number of waiting calls that are resumed in one turn. While any wait, Deno looks for new data only in every 61st
 * turn, so its turns must be short.
 */
const MAX_RESUMED = "Deno" in globalThis ? 4 : 256;

/**
 * When the work of this turn began; undefined if there was none. While it is set, a call of {@link beginTurn} is scheduled.
 */
let began: number | undefined;

/** How many calls of {@link resumeNext} are scheduled. */
let resuming = 0;

/** When the first of these calls in this turn resumed waiting work. */
let resumedSince: number | undefined;

/** Whether waiting work has used its share of this turn. */
let shareUsed = false;

/** The work that waits for a turn, by origin and in order of arrival. The origin whose turn is next comes first. */
const waiting: Map<unknown, (() => void)[]> = new Map();

/** The origin that was resumed last, when that was, and the total time of its consecutive turns before that. */
let served:
  | { readonly origin: unknown; readonly resumedAt: number; readonly milliseconds: number }
  | undefined;

/**
 * Returns whether the time for work in this turn of the event loop has been used. Every loop whose length a peer or a caller
 * determines checks this between steps of at most a few milliseconds, and then waits for {@link nextTurn}:
 *
 *     if (turnIsSpent()) await nextTurn();
 *
 * The limit is a time instead of a number of steps, so that many small steps fit into one turn and throughput does not
 * suffer.
 */
export function turnIsSpent(): boolean {
  if (!SHARED_LOOP) return false;
  expectTurn();
  return performance.now() - began! >= TURN_BUDGET;
}

/**
 * Waits for another turn of the event loop. Timers and other connections are served first. Waiting origins get equal shares
 * of time, and within an origin the order is that of arrival. So a thousand connections from one address get no more time
 * than one connection from another, and many connections with little work fit into one turn.
 *
 * @param origin The origin of the work, such as the peer's address; by default a new origin.
 */
export function nextTurn(origin: unknown = {}): Promise<void> {
  if (!SHARED_LOOP) return Promise.resolve();
  expectTurn();
  if (resuming < MAX_RESUMED) {
    resuming++;
    schedule(resumeNext);
  }
  return new Promise((resolve) => {
    const same = waiting.get(origin);
    if (same === undefined) waiting.set(origin, [resolve]);
    else same.push(resolve);
  });
}

function expectTurn(): void {
  if (began !== undefined) return;
  began = performance.now();
  schedule(beginTurn);
}

/** Runs before the calls that resume waiting work, since it was scheduled before them. */
function beginTurn(): void {
  began = undefined;
  resumedSince = undefined;
  shareUsed = false;
  if (waiting.size > 0) expectTurn();
  else served = undefined; // its origin, perhaps an ended connection, is not to stay in memory
}

/**
 * Resumes the next waiting work, unless waiting work has had its share of this turn. New data then gets as much time, so that
 * a newcomer's handshake does not wait for every busy address at each step. Calls are scheduled separately, so that the work
 * of one is done, and its time known, before the next.
 */
function resumeNext(): void {
  if (waiting.size === 0) return void resuming--;
  const now = performance.now();
  resumedSince ??= now;
  if (!shareUsed && now - resumedSince >= TURN_BUDGET) {
    shareUsed = true;
    began = now;
  }
  if (!shareUsed) nextInLine(now)?.();
  schedule(resumeNext);
}

/**
 * Returns the first waiting work of the origin that was resumed last or, if that origin has used its time, of the next one.
 */
function nextInLine(now: number): (() => void) | undefined {
  for (const [origin, line] of waiting) {
    const milliseconds = served?.origin === origin ? served!.milliseconds + now - served!.resumedAt : 0;
    if (milliseconds >= TURN_BUDGET) {
      served = undefined;
      waiting.delete(origin);
      waiting.set(origin, line); // moves it after all other origins
      continue;
    }
    served = { origin, resumedAt: now, milliseconds };
    const first = line.shift();
    if (line.length === 0) waiting.delete(origin);
    return first;
  }
  return undefined;
}

const { setImmediate } = globalThis as { setImmediate?: (action: () => void) => unknown };
let port: MessagePort | undefined;
const calls: (() => void)[] = [];

/** Schedules a call for the next turn, after those scheduled before. It does not use `setTimeout`, which browsers delay by 4 ms. */
function schedule(call: () => void): void {
  if (setImmediate !== undefined) return void setImmediate(call);
  if (port === undefined) {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => calls.shift()!();
    port = port2;
  }
  calls.push(call);
  port.postMessage(null);
}
