/** Runs commands that listen until they are interrupted. */

import type { CloseOptions, Server } from "../server/server.ts";
import type { TcpListener } from "../transport/node.ts";
import { Interrupted, type Io } from "./command.ts";
import { formatEndpoint } from "./endpoint.ts";

/** Prints where it listens, waits for an interruption, and then closes in order what is still open. */
export async function serveUntilInterrupted(
  server: Server,
  listener: TcpListener,
  { stdout, signal }: Io,
  options?: CloseOptions,
): Promise<void> {
  const interrupted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  await stdout.write(`listening on ${formatEndpoint(listener)}\n`);
  await interrupted;
  await server.close(options);
}

/** Runs `work`. If it fails after an interruption, throws {@link Interrupted}. */
export async function interruptible<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw signal.aborted ? new Interrupted(signal.reason, error) : error;
  }
}
