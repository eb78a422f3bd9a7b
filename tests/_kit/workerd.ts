/** The worker in which workerd runs one bundled test file for each request, whose query says which. */
import { type Job, runBundled } from "./run_bundled.ts";

export default {
  async fetch({ url }: Request): Promise<Response> {
    const { server, ...job } = JSON.parse(decodeURIComponent(new URL(url).search.slice(1))) as Job & {
      server: string;
    };
    return new Response(await runBundled(job, server, () => import(job.bundle)));
  },
};
