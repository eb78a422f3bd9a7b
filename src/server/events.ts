/** Reports the events and errors of connections to a server's caller. */

import { wrongType } from "../check.ts";
import { ChannelError } from "../errors.ts";
import type { Transport } from "../connection.ts";
import type { Served } from "./served.ts";
import type { ServerEvent, ServerOptions } from "./server.ts";

/** The two callbacks of a server. Their own errors are ignored. */
export class Events<T extends Transport> {
  readonly #onError: ServerOptions<T>["onError"];
  readonly #onEvent: ServerOptions<T>["onEvent"];

  /** @throws {TypeError} If a callback is not a function. */
  constructor({ onError, onEvent }: Pick<ServerOptions<T>, "onError" | "onEvent">) {
    for (const [name, callback] of Object.entries({ onError, onEvent })) {
      if (callback !== undefined && typeof callback !== "function") {
        throw wrongType(name, "a function", callback);
      }
    }
    this.#onError = onError;
    this.#onEvent = onEvent;
  }

  /** Calls `onEvent`. */
  async tell(type: ServerEvent["type"], { connection, since, error }: Served<T>): Promise<void> {
    const milliseconds = performance.now() - since;
    const reason = error instanceof ChannelError ? error.code : error === undefined ? "closed" : "failed";
    try {
      await this.#onEvent?.({ type, connection, milliseconds, ...type === "ended" && { reason, error } });
    } catch {
      // The server continues.
    }
  }

  /** Calls `onError`. Without `onError`, writes errors that are not a ChannelError to the console. */
  async report(error: unknown, transport?: T): Promise<void> {
    try {
      if (this.#onError !== undefined) await this.#onError(error, transport);
      else if (!(error instanceof ChannelError)) console.error("@fesa/channel: a handler failed:", error);
    } catch {
      // The server continues.
    }
  }
}
