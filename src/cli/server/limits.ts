/** The limits of a server, by their names on the command line, in a configuration, and in the library. */

import type { ServeOptions } from "../../channel/serve.ts";
import type { Option } from "../command.ts";

/** The limits by their names in {@link ServeOptions}. */
export type LimitName =
  | "maxConnections"
  | "maxConnectionsPerAddress"
  | "maxHandshakes"
  | "maxHandshakesPerAddress"
  | "keepAlive"
  | "idleTimeout"
  | "stallTimeout"
  | "maxMessageSize"
  | "maxUnfinishedBytes";

/** One limit. */
export interface Limit {
  /** The name on the command line. */
  readonly option: string;
  readonly value: "N" | "MILLISECONDS" | "BYTES";
  readonly help: string;
}

/** The largest value of a limit. */
export const MAX_LIMIT: number = 2 ** 31 - 1;

/** All of them. */
export const SERVER_LIMITS: Readonly<Record<LimitName, Limit>> = {
  maxConnections: {
    option: "max-connections",
    value: "N",
    help: "the most connections at a time; 1,000 by default",
  },
  maxConnectionsPerAddress: {
    option: "max-connections-per-address",
    value: "N",
    help: "the most connections at a time from one address; no limit by default",
  },
  maxHandshakes: {
    option: "max-handshakes",
    value: "N",
    help:
      "the most handshakes at a time; 256 by default. Above that, the oldest of the busiest address is ended",
  },
  maxHandshakesPerAddress: {
    option: "max-handshakes-per-address",
    value: "N",
    help: "the most handshakes at a time from one address; no limit by default",
  },
  keepAlive: {
    option: "keep-alive",
    value: "MILLISECONDS",
    help: "send a keepalive after sending nothing for this time; 30,000 by default, 0 for never",
  },
  idleTimeout: {
    option: "idle-timeout",
    value: "MILLISECONDS",
    help: "end a channel on which nothing arrives for this time; 90,000 by default, 0 for never",
  },
  stallTimeout: {
    option: "stall-timeout",
    value: "MILLISECONDS",
    help:
      "end a channel whose incomplete message does not grow for this time; 30,000 by default, 0 for never",
  },
  maxMessageSize: {
    option: "max-message-size",
    value: "BYTES",
    help: "the largest message; 16 MiB by default",
  },
  maxUnfinishedBytes: {
    option: "max-unfinished-bytes",
    value: "BYTES",
    help:
      "the memory for unfinished messages of all channels; 256 MiB by default. Above that, one channel is ended",
  },
};

/** The limits that were set. */
export type ServerLimits = Pick<ServeOptions, LimitName>;

/** The options of the command line. */
export const LIMIT_OPTIONS: Readonly<Record<string, Option>> = Object.fromEntries(
  Object.values(SERVER_LIMITS).map(({ option, value, help }) => [option, { type: "string", value, help }]),
);

/** The smallest value of a limit. */
export function minimumOf(name: LimitName): number {
  return SERVER_LIMITS[name].value === "MILLISECONDS" ? 0 : 1;
}

/** Returns the limits of a configuration. */
export function limitsOf(config: ServerLimits): ServerLimits {
  const names = Object.keys(SERVER_LIMITS) as (LimitName)[];
  return Object.fromEntries(names.map((name) => [name, config[name]]));
}
