/** Turns events into a listener: connections are put in as they come, and taken out by iterating. */

/** The most connections that wait to be taken; a running server takes each at once. */
const MAX_WAITING = 128;

interface Taker<T> {
  readonly resolve: (result: IteratorResult<T>) => void;
  readonly reject: (error: unknown) => void;
}

/** An asynchronous iterator that is fed by hand. */
export class Queue<T> implements AsyncIterableIterator<T> {
  readonly #values: T[] = [];
  readonly #takers: Taker<T>[] = [];
  #ended = false;

  /** Puts a value in; returns false if the queue is full or ended. */
  push(value: T): boolean {
    if (this.#ended || this.#values.length >= MAX_WAITING) return false;
    const taker = this.#takers.shift();
    if (taker) taker.resolve({ done: false, value });
    else this.#values.push(value);
    return true;
  }

  /** Makes the iteration throw once; it may continue afterwards. */
  fail(error: unknown): void {
    this.#takers.shift()?.reject(error);
  }

  /** Ends the iteration, and returns the values that were not taken. */
  end(): T[] {
    this.#ended = true;
    for (const taker of this.#takers.splice(0)) taker.resolve({ done: true, value: undefined });
    return this.#values.splice(0);
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#values.length > 0) return Promise.resolve({ done: false, value: this.#values.shift()! });
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => this.#takers.push({ resolve, reject }));
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return this;
  }
}
