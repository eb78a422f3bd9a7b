/** An asynchronous iterator over values that events add, for listeners. */

/** The most values that wait to be taken. A running server takes each connection at once. */
const MAX_WAITING = 128;

interface Taker<T> {
  readonly resolve: (result: IteratorResult<T>) => void;
  readonly reject: (error: unknown) => void;
}

/** An asynchronous iterator over the values that `push` adds. */
export class Queue<T> implements AsyncIterableIterator<T> {
  readonly #values: T[] = [];
  readonly #takers: Taker<T>[] = [];
  #ended = false;

  /** Adds a value. Returns false if the queue is full or has ended. */
  push(value: T): boolean {
    if (this.#ended || this.#values.length >= MAX_WAITING) return false;
    const taker = this.#takers.shift();
    if (taker) taker.resolve({ done: false, value });
    else this.#values.push(value);
    return true;
  }

  /** Makes the iteration throw once. It can continue afterwards. */
  fail(error: unknown): void {
    this.#takers.shift()?.reject(error);
  }

  /** Ends the iteration. Returns the values that have not been taken. */
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
