/** Turns of the event loop: decides when long work yields to other work. */

/** Milliseconds of work that all channels together may do in one turn of the event loop. */
const TURN_BUDGET = 4;

/** On workerd a request cannot wait for another's turns, so turns are not shared; the platform limits each request. */
const SHARED_LOOP = globalThis.navigator?.userAgent !== "Cloudflare-Workers";

/** When the work of this turn began; undefined before any. While it is set, a call of {@link beginTurn} is scheduled. */
let began: number | undefined;

/** What waits for a turn, by origin and in order of arrival; the origin whose turn is next comes first. */
const waiting: Map<unknown, (() => void)[]> = new Map();

/** The origin that had the last turn, and how many milliseconds its consecutive turns have taken. */
let served: { readonly origin: unknown; readonly milliseconds: number } | undefined;

/**
 * Returns whether this turn of the event loop has had its share of work. Every loop whose length a peer or a caller decides
 * checks this between steps of at most a few milliseconds, and waits for {@link nextTurn} if so:
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
 * Waits for another turn of the event loop; timers and other connections are served first. Waiting origins get equal shares of
 * time, and within an origin the first to come is served first: a thousand connections from one address get no more time
 * than a single one from another, and many connections with little work fit into one turn.
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
  const worked = performance.now() - began!;
  began = undefined;
  const resume = nextInLine(worked);
  if (resume === undefined) return;
  expectTurn(performance.now());
  resume();
}

/** Takes the first waiter of the origin that had the last turn, or of the next one if that share of time is used up. */
function nextInLine(worked: number): (() => void) | undefined {
  for (const [origin, line] of waiting) {
    const milliseconds = served && served.origin === origin ? served.milliseconds + worked : 0;
    if (milliseconds >= TURN_BUDGET) {
      served = undefined;
      waiting.delete(origin);
      waiting.set(origin, line); // after all others
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

/** Schedules {@link beginTurn} for the next turn. Not with `setTimeout`, which browsers delay by 4 ms. */
function requestTurn(): void {
  if (setImmediate !== undefined) return void setImmediate(beginTurn);
  if (port === undefined) {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = beginTurn;
    port = port2;
  }
  port.postMessage(null);
}
