/** The channels of a reconnecting client, one after another: which one sends, and which one is received from. */

import { ChannelError } from "../../errors.ts";
import type { Channel, SendOptions } from "../channel.ts";
import { type Deferred, deferred, limited } from "./waiting.ts";

/** One of the consecutive channels. */
export class Link {
  readonly channel: Channel;
  readonly itself: Promise<Link> = Promise.resolve(this);
  /** Resolves to the link after this one; undefined if this is the last. */
  readonly next: Deferred<Link | undefined> = deferred();
  /** The number of messages that the channel's transport has accepted. */
  sent = 0;

  constructor(channel: Channel) {
    this.channel = channel;
  }
}

/** Which link sends. While none does, messages wait for the next one, in order. */
export class Outgoing {
  readonly #maxWaitingBytes: number;
  #current: Link | undefined;
  #coming: Deferred<Link> = deferred();
  #waiting = 0;
  #waitingBytes = 0;
  /** Why no further link comes. */
  #end: ChannelError | undefined;

  constructor(maxWaitingBytes: number) {
    this.#maxWaitingBytes = maxWaitingBytes;
  }

  /** The link that is open. */
  get current(): Link | undefined {
    return this.#current;
  }

  /** The link that takes a message at once: none while earlier messages wait. */
  get ready(): Link | undefined {
    return this.#waiting === 0 ? this.#current : undefined;
  }

  /** Waits for a link, with a message of this many bytes. */
  async wait(bytes: number, options: SendOptions): Promise<Link> {
    if (this.#waitingBytes + bytes > this.#maxWaitingBytes) {
      throw new ChannelError("limit", `more than ${this.#maxWaitingBytes} bytes wait for a channel`);
    }
    this.#waiting++;
    this.#waitingBytes += bytes;
    try {
      return await limited(this.#coming.promise, options);
    } finally {
      this.#waiting--;
      this.#waitingBytes -= bytes;
    }
  }

  /** Sends on this link from now on. */
  open(link: Link): void {
    this.#current = link;
    this.#coming.resolve(link);
  }

  /** Stops sending on this link. Messages wait for the next link. */
  leave(link: Link): void {
    if (this.#current !== link) return;
    this.#current = undefined;
    this.#coming = deferred();
    if (this.#end) this.#coming.reject(this.#end);
  }

  /** Lets no message wait any longer: after the current link, each fails because of `reason`. */
  end(reason: ChannelError): void {
    this.#end ??= reason;
    if (this.#current === undefined) this.#coming.reject(this.#end);
  }
}

/** Which link is received from: an earlier one as long as it has messages. */
export class Incoming {
  #last: Deferred<Link | undefined> = deferred();
  #reading: Promise<Link | undefined> = this.#last.promise;

  /** The link to receive from; undefined after the last one. */
  get reading(): Promise<Link | undefined> {
    return this.#reading;
  }

  /** Receives from this link after the earlier ones. */
  open(link: Link): void {
    this.#last.resolve(link);
    this.#last = link.next;
  }

  /** Receives from the link after this one, which `reading` gave, unless another call has gone on already. */
  leave(link: Link, reading: Promise<Link | undefined>): void {
    if (this.#reading === reading) this.#reading = link.next.promise;
  }

  /** Skips earlier links whose messages have not all been received. */
  skipTo({ itself, next }: Link): void {
    if (this.#reading !== next.promise) this.#reading = itself;
  }

  /** Gives no further link. */
  end(): void {
    this.#last.resolve(undefined);
  }
}
