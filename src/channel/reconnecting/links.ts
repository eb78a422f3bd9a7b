/** The consecutive channels of a reconnecting client: one is for sending, and one for receiving. */

import { ChannelError } from "../../errors.ts";
import type { Channel, SendOptions } from "../channel.ts";
import { type Deferred, deferred, limited } from "./waiting.ts";

/** One of the consecutive channels. */
export class Link {
  readonly channel: Channel;
  readonly itself: Promise<Link> = Promise.resolve(this);
  /** Resolves to the next link, or undefined if this is the last one. */
  readonly next: Deferred<Link | undefined> = deferred();
  /** The number of messages that the channel's transport has accepted. */
  sent = 0;

  constructor(channel: Channel) {
    this.channel = channel;
  }

  /** Sends a message as `send` of the channel does, and counts it if the transport accepts it. */
  async send(message: Uint8Array | string, options: SendOptions): Promise<void> {
    await this.channel.send(message, options);
    this.sent++;
  }
}

/** The link for sending. While there is none, messages wait in order for the next link. */
export class Outgoing {
  readonly #maxWaitingBytes: number;
  #current: Link | undefined;
  #coming: Deferred<Link> = deferred();
  #waiting = 0;
  #waitingBytes = 0;
  /** The error because of which no further link follows. */
  #end: ChannelError | undefined;

  constructor(maxWaitingBytes: number) {
    this.#maxWaitingBytes = maxWaitingBytes;
  }

  /** The link that is open. */
  get current(): Link | undefined {
    return this.#current;
  }

  /** Sends a message on the open link, or else on the next one. Messages keep their order. */
  async send(message: Uint8Array | string, options: SendOptions): Promise<void> {
    const ready = this.#waiting === 0 ? this.#current : undefined;
    await (ready?.send(message, options) ?? this.#sendLater(message, options));
  }

  async #sendLater(message: Uint8Array | string, options: SendOptions): Promise<void> {
    const bytes = message.length;
    if (this.#waitingBytes + bytes > this.#maxWaitingBytes) {
      throw new ChannelError("limit", `more than ${this.#maxWaitingBytes} bytes wait for a channel`);
    }
    this.#waiting++;
    this.#waitingBytes += bytes;
    let sending: Promise<void>;
    try {
      const link = await limited(this.#coming.promise, options);
      sending = link.send(message, options); // begins before later messages stop waiting
    } finally {
      this.#waiting--;
      this.#waitingBytes -= bytes;
    }
    await sending;
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

  /** Ends the waiting of messages: those that the current link does not send fail with `reason`. */
  end(reason: ChannelError): void {
    this.#end ??= reason;
    if (this.#current === undefined) this.#coming.reject(this.#end);
  }
}

/** The link for receiving. It is an earlier link as long as that has messages. */
export class Incoming {
  #last: Deferred<Link | undefined> = deferred();
  #reading: Promise<Link | undefined> = this.#last.promise;

  /** The link from which to receive; undefined after the last link. */
  get reading(): Promise<Link | undefined> {
    return this.#reading;
  }

  /** Receives from this link after the earlier ones. */
  open(link: Link): void {
    this.#last.resolve(link);
    this.#last = link.next;
  }

  /** Makes the next link the one for receiving, unless another call has already done so. `link` is from `reading`. */
  leave(link: Link, reading: Promise<Link | undefined>): void {
    if (this.#reading === reading) this.#reading = link.next.promise;
  }

  /** Skips earlier links whose messages have not all been received. */
  skipTo({ itself, next }: Link): void {
    if (this.#reading !== next.promise) this.#reading = itself;
  }

  /** Ends the links: no further link follows. */
  end(): void {
    this.#last.resolve(undefined);
  }
}
