/** The description of a trial, shared by both ends, which run on any runtime, and the judge. */
import type { ChannelOptions } from "../../mod.ts";

/** The traffic of a channel. */
export interface Conversation {
  readonly seed: number;
  /** Messages from the client, and from the server. */
  readonly there: number;
  readonly back: number;
}

/** The ports on which a server listens, for each set of limits. This is the first line that it prints. */
export type Listening = Readonly<Record<"hasty" | "patient", Ports>>;

/** The ports of one set of limits. */
export interface Ports {
  readonly tcp: number;
  readonly websocket?: number | undefined;
}

/** A command to a client. */
export interface Order {
  readonly trial: number;
  readonly transport: "tcp" | "websocket";
  readonly port: number;
  readonly setting: typeof SETTINGS[number];
  readonly limits: ChannelOptions;
  readonly conversation: Conversation;
}

/** The outcome of a channel at one end. */
export interface Report extends Partial<Conversation> {
  /** Messages that arrived. */
  readonly received: number;
  /** Whether one of them was not what was sent. */
  readonly wrong?: boolean;
  /** `closed` in order, or the code of the error. */
  readonly ended: string;
  /** A fault that must never occur. */
  readonly fault?: string;
}

/** The tested settings. Three of them are `key`, with different key exchanges and algorithms. */
export const SETTINGS = ["certificate", "key", "key-rsa", "key-3des", "native", "off"] as const;

/** Returns the length of a message. Most are small; some take many records. */
export function messageLength(seed: number, index: number): number {
  const mixed = Math.imul(seed * 31 + index, 2_654_435_761) >>> 0;
  return mixed % 8 === 0 ? mixed % 200_000 : mixed % 3_000;
}
