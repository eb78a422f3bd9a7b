/** What commands that run until they are interrupted have in common. */

import type { CloseOptions, Server } from "../server/server.ts";
import type { TcpListener } from "../transport/node.ts";
import { Interrupted, type Io } from "./command.ts";
import { formatEndpoint } from "./endpoint.ts";

/** Says where it listens, waits to be interrupted, and then ends in order what is still open. */
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

/** Runs `work`. If it fails after an interruption, throws {@link Interrupted}: the interruption is why. */
export async function interruptible<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw signal.aborted ? new Interrupted(signal.reason, error) : error;
  }
}
