/**
 * The worker in which workerd runs one bundled test file for each request. The query names the file. A request for a
 * WebSocket is answered with a channel that sends every message back.
 */
import { serve } from "../../mod.ts";
import { webSocketListener } from "../../src/transport/websocket/mod.ts";
import { type Job, runBundled } from "./run_bundled.ts";

export default {
  async fetch(request: Request): Promise<Response> {
    const { search, port } = new URL(request.url);
    if (search === "") {
      const { echoMessages, offers } = await import("./offers.ts"); // this module makes keys, which workerd allows only during a request
      const sockets = webSocketListener();
      serve(sockets, { security: offers }, echoMessages);
      return sockets.fetch(request);
    }
    const { server, ...job } = JSON.parse(decodeURIComponent(search.slice(1))) as Job & { server: string };
    const peers = { ...job.peers, own: Number(port) };
    return new Response(await runBundled({ ...job, peers }, server, () => import(job.bundle)));
  },
};
