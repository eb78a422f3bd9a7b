/** How many connections a server has at a time, and which one is ended to make room for another. */

import { ChannelError } from "../errors.ts";
import type { Transport } from "../wire.ts";
import type { Served } from "./served.ts";
import type { HandshakeLimits, ServerOptions } from "./server.ts";

/** The options that limit connections. */
export type Limits = Omit<ServerOptions, "onError" | "onEvent"> & HandshakeLimits;

/** The connections of a server, within its limits. */
export class Room<T extends Transport> {
  readonly #limits: Required<{ [Name in keyof Limits]: number }>;
  /** All connections, and those in their handshake, in the order in which they came. */
  readonly served: Set<Served<T>> = new Set();
  readonly handshaking: Set<Served<T>> = new Set();

  /** @throws {RangeError} If a limit is not a positive whole number, or `Infinity`. */
  constructor(limits: Limits) {
    this.#limits = limitsOf(limits);
  }

  /**
   * Makes room for one more connection from an address. Calls `giveWay` for each handshake that has to end, which must then
   * be removed from here; returns an error if no handshake can be ended.
   */
  makeRoom(
    network: string | undefined,
    giveWay: (served: Served<T>) => void,
  ): ChannelError | undefined {
    const { maxConnections, maxConnectionsPerAddress, maxHandshakes, maxHandshakesPerAddress } = this.#limits;
    const isNear = (served: Served<T>) => network !== undefined && served.network === network;
    const where = ` from ${network}`;
    return this.#makeRoomAmong(
      isNear,
      maxConnectionsPerAddress,
      maxHandshakesPerAddress,
      where,
      giveWay,
    ) ??
      this.#makeRoomAmong(() => true, maxConnections, maxHandshakes, "", giveWay);
  }

  #makeRoomAmong(
    isCounted: (served: Served<T>) => boolean,
    most: number,
    mostHandshakes: number,
    where: string,
    giveWay: (served: Served<T>) => void,
  ): ChannelError | undefined {
    if (Math.min(most, mostHandshakes) === Infinity) return undefined;
    const connections = [...this.served].filter(isCounted).length;
    const handshaking = [...this.handshaking].filter(isCounted);
    if (connections < most && handshaking.length < mostHandshakes) return undefined;
    if (handshaking.length === 0) {
      return new ChannelError("limit", `more than ${most} connections at a time${where}`);
    }
    giveWay(oldestOfBusiest(handshaking));
    return undefined;
  }
}

/** Returns the limits that these options set, and the defaults of the others. */
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

/** Returns the oldest handshake of the address that has the most, so that a client cannot end others' by connecting often. */
function oldestOfBusiest<T extends Transport>(handshaking: readonly Served<T>[]): Served<T> {
  const counts = new Map<string | undefined, number>();
  const countOf = ({ network }: Served<T>) => counts.get(network) ?? 0;
  for (const served of handshaking) counts.set(served.network, countOf(served) + 1);
  let oldest = handshaking[0];
  for (const served of handshaking) {
    if (countOf(served) > countOf(oldest)) oldest = served;
  }
  return oldest;
}
