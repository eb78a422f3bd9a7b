/**
 * The page, or the worker of a page, in which a browser runs one bundled test file. The page's address names the file. The
 * test server answers the last report with the address of the next page.
 */
import { type Job, runBundled } from "./run_bundled.ts";

const { worker, ...job } = JSON.parse(decodeURIComponent(location.search.slice(1))) as Job & {
  worker: boolean;
};

if (worker && "document" in globalThis) {
  const script = document.querySelector("script")!.src;
  new Worker(script + location.search, { type: "module" }).onmessage = ({ data }) => goOn(data);
} else {
  const next = await runBundled(job, location.origin, () => import(`${location.origin}/${job.bundle}`));
  if (worker) postMessage(next);
  else goOn(next);
}

function goOn(next: string): void {
  if (next !== "") location.replace(next);
}
