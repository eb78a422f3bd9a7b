/** Runs some jobs at a time. */

/** Runs jobs, at most `limit` at a time, starting them in order. */
export async function inParallel(limit: number, jobs: readonly (() => Promise<void>)[]): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < jobs.length) await jobs[next++]();
  };
  await Promise.all(Array.from({ length: limit }, worker));
}
