/** A simulated clock that a test advances. Simulated hours pass as fast as their events can run. */

type Action = () => void;

/** A timer of the simulated clock. */
class Timer {
  readonly at: number;
  readonly action: Action;

  constructor(at: number, action: Action) {
    this.at = at;
    this.action = action;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

/** A simulated clock, which starts when it is made. */
export class Clock {
  #now: number;
  readonly #timers: Set<Timer> = new Set();
  readonly #turns: (count: number) => Promise<void>;

  constructor(now: number, turns: (count: number) => Promise<void>) {
    this.#now = now;
    this.#turns = turns;
  }

  now(): number {
    return this.#now;
  }

  /** The number of timers that have not run. */
  get timers(): number {
    return this.#timers.size;
  }

  set(action: Action, milliseconds = 0): Timer {
    const timer = new Timer(this.#now + Math.max(milliseconds, 0), action);
    this.#timers.add(timer);
    return timer;
  }

  clear(timer: unknown): void {
    this.#timers.delete(timer as Timer);
  }

  /** Advances the clock by this time: runs the due timers in order, and a few turns of the event loop after each. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    for (;;) {
      await this.#turns(5);
      const next = this.#earliest();
      if (next === undefined || next.at > end) break;
      this.#timers.delete(next);
      this.#now = next.at;
      next.action();
    }
    this.#now = end;
    await this.#turns(50); // a handshake may have begun
  }

  #earliest(): Timer | undefined {
    let earliest: Timer | undefined;
    for (const timer of this.#timers) {
      if (earliest === undefined || timer.at < earliest.at) earliest = timer;
    }
    return earliest;
  }
}

/** Runs `work` with a simulated clock that replaces timers and `performance.now`. `work` must not wait for real time. */
export async function simulated(work: (clock: Clock) => Promise<void>): Promise<void> {
  const { setTimeout, clearTimeout } = globalThis;
  const ownNow = Object.getOwnPropertyDescriptor(performance, "now");
  const clock = new Clock(performance.now(), async (count) => {
    for (let i = 0; i < count; i++) await turn();
  });
  const simulation = {
    setTimeout: (action: Action, milliseconds?: number) => clock.set(action, milliseconds),
    clearTimeout: (timer: unknown) => clock.clear(timer),
  };
  Object.assign(globalThis, simulation);
  Object.defineProperty(performance, "now", { value: () => clock.now(), configurable: true });
  try {
    await work(clock);
  } finally {
    Object.assign(globalThis, { setTimeout, clearTimeout });
    delete (performance as { now?: unknown }).now;
    if (ownNow !== undefined) Object.defineProperty(performance, "now", ownNow);
  }
}

const { setImmediate } = globalThis as { setImmediate?: (action: Action) => unknown };

/**
 * Waits for a turn of the event loop. Node handles many messages of a port in one turn, so it uses `setImmediate`. Browsers
 * delay timers, but not messages.
 */
async function turn(): Promise<void> {
  if (setImmediate !== undefined) {
    return await new Promise<void>((resolve) => setImmediate(resolve as Action));
  }
  const { port1, port2 } = new MessageChannel();
  await new Promise<unknown>((resolve) => {
    port1.onmessage = resolve;
    port2.postMessage(null);
  });
  port1.close();
}
