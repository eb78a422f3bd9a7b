/** Limits the connections of a server, and chooses which one is ended to make room for another. */

import { ChannelError } from "../errors.ts";
import type { Transport } from "../connection.ts";
import type { Served } from "./served.ts";
import type { HandshakeLimits, ServerOptions } from "./server.ts";

/** The options that limit connections. */
export type Limits = Omit<ServerOptions, "onError" | "onEvent"> & HandshakeLimits;

/** The connections of a server and their limits. */
export class Room<T extends Transport> {
  readonly #limits: Required<{ [Name in keyof Limits]: number }>;
  readonly #all: Crowd<T> = new Crowd();
  /** The connections from each address. */
  readonly #from: Map<string, Crowd<T>> = new Map();

  /** @throws {RangeError} If a limit is not a positive whole number, or `Infinity`. */
  constructor(limits: Limits) {
    this.#limits = limitsOf(limits);
  }

  /** All connections, in the order in which they came. */
  get served(): ReadonlySet<Served<T>> {
    return this.#all.served;
  }

  /**
   * Makes room for one more connection from an address. Calls `giveWay` for each handshake that has to end; `giveWay` must
   * remove it from these sets. Returns an error if no handshake can be ended.
   */
  makeRoom(
    network: string | undefined,
    giveWay: (served: Served<T>) => void,
  ): ChannelError | undefined {
    const { maxConnections, maxConnectionsPerAddress, maxHandshakes, maxHandshakesPerAddress } = this.#limits;
    const near = network === undefined ? undefined : this.#from.get(network);
    const where = ` from ${network}`;
    return near?.makeRoom(maxConnectionsPerAddress, maxHandshakesPerAddress, where, giveWay) ??
      this.#all.makeRoom(maxConnections, maxHandshakes, "", giveWay);
  }

  /** Adds a connection, which begins with a handshake or has none. */
  add(served: Served<T>, isHandshaking: boolean): void {
    const { network } = served;
    if (network !== undefined && !this.#from.has(network)) this.#from.set(network, new Crowd());
    for (const crowd of this.#crowdsOf(served)) {
      crowd.served.add(served);
      if (isHandshaking) crowd.handshaking.add(served);
    }
  }

  /** Notes that a connection's handshake is done. */
  establish(served: Served<T>): void {
    for (const crowd of this.#crowdsOf(served)) crowd.handshaking.delete(served);
  }

  /** Removes a connection; returns false if it was removed before. */
  remove(served: Served<T>): boolean {
    if (!this.served.has(served)) return false;
    for (const crowd of this.#crowdsOf(served)) {
      crowd.served.delete(served);
      crowd.handshaking.delete(served);
      if (crowd !== this.#all && crowd.served.size === 0) this.#from.delete(served.network!);
    }
    return true;
  }

  /** Returns the crowds that a connection belongs to. */
  #crowdsOf({ network }: Served<T>): Crowd<T>[] {
    const near = network === undefined ? undefined : this.#from.get(network);
    return near === undefined ? [this.#all] : [this.#all, near];
  }
}

/** All connections, or those from one address. */
class Crowd<T extends Transport> {
  /** The connections, and those in their handshake, in the order in which they came. */
  readonly served: Set<Served<T>> = new Set();
  readonly handshaking: Set<Served<T>> = new Set();

  makeRoom(
    most: number,
    mostHandshakes: number,
    where: string,
    giveWay: (served: Served<T>) => void,
  ): ChannelError | undefined {
    if (this.served.size < most && this.handshaking.size < mostHandshakes) return undefined;
    if (this.handshaking.size === 0) {
      return new ChannelError("limit", `more than ${most} connections at a time${where}`);
    }
    giveWay(oldestOfBusiest(this.handshaking));
    return undefined;
  }
}

/** Returns the limits, with defaults for the options that are not set. */
function limitsOf(
  {
    maxConnections = 1_000,
    maxConnectionsPerAddress = Infinity,
    maxHandshakes = 256,
    maxHandshakesPerAddress = Infinity,
  }: Limits,
): Required<{ [Name in keyof Limits]: number }> {
  const limits = { maxConnections, maxConnectionsPerAddress, maxHandshakes, maxHandshakesPerAddress };
  for (const [name, value] of Object.entries(limits)) {
    if (value !== Infinity && (!Number.isSafeInteger(value) || value < 1)) {
      throw new RangeError(`${name} is not a positive whole number`);
    }
  }
  return limits;
}

/**
 * Returns the oldest handshake from the address with the most handshakes, so that a client cannot end the handshakes of
 * others by connecting often.
 */
function oldestOfBusiest<T extends Transport>(handshaking: ReadonlySet<Served<T>>): Served<T> {
  const counts = new Map<string | undefined, number>();
  const countOf = ({ network }: Served<T>) => counts.get(network) ?? 0;
  for (const served of handshaking) counts.set(served.network, countOf(served) + 1);
  let [oldest] = handshaking;
  for (const served of handshaking) {
    if (countOf(served) > countOf(oldest)) oldest = served;
  }
  return oldest;
}
