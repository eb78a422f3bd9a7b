/** Decides when long work yields to other work in the event loop. */

/** The time that all channels together may work in one turn of the event loop, in milliseconds. */
const TURN_BUDGET = 4;

/**
 * Whether all work shares one event loop. On workerd a request cannot wait for the turns of another, and the platform limits
 * each request.
 */
const SHARED_LOOP = globalThis.navigator?.userAgent !== "Cloudflare-Workers";

/**
 * When the work of this turn began; undefined if there was none. While it is set, a call of {@link beginTurn} is scheduled.
 */
let began: number | undefined;

/** The work that waits for a turn, by origin and in order of arrival. The origin whose turn is next comes first. */
const waiting: Map<unknown, (() => void)[]> = new Map();

/** The origin that had the last turn, and the total time of its consecutive turns. */
let served: { readonly origin: unknown; readonly milliseconds: number } | undefined;

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
  const now = performance.now();
  if (began === undefined) expectTurn(now);
  return now - began! >= TURN_BUDGET;
}

/**
 * Waits for another turn of the event loop. Timers and other connections are served first. Waiting origins get equal shares
 * of time, and within an origin the order is that of arrival. So a thousand connections from one address get no more time
 * than one connection from another, and many connections with little work fit into one turn.
 *
 * @param origin The origin of the work, such as the peer's address; by default a new origin.
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
  const worked = performance.now() - began!;
  began = undefined;
  const resume = nextInLine(worked);
  if (resume === undefined) return;
  expectTurn(performance.now());
  resume();
}

/**
 * Returns the first waiting work of the origin that had the last turn, or of the next origin if the time of that one has
 * been used.
 */
function nextInLine(worked: number): (() => void) | undefined {
  for (const [origin, line] of waiting) {
    const milliseconds = served && served.origin === origin ? served.milliseconds + worked : 0;
    if (milliseconds >= TURN_BUDGET) {
      served = undefined;
      waiting.delete(origin);
      waiting.set(origin, line); // moves it after all other origins
      continue;
    }
    served = { origin, milliseconds };
    const first = line.shift();
    if (line.length === 0) waiting.delete(origin);
    return first;
  }
  served = undefined;
  return undefined;
}

const { setImmediate } = globalThis as { setImmediate?: (action: () => void) => unknown };
let port: MessagePort | undefined;

/** Schedules {@link beginTurn} for the next turn. It does not use `setTimeout`, which browsers delay by 4 ms. */
function requestTurn(): void {
  if (setImmediate !== undefined) return void setImmediate(beginTurn);
  if (port === undefined) {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = beginTurn;
    port = port2;
  }
  port.postMessage(null);
}
