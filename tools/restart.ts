/**
 * Restarts two servers behind HAProxy in turn under busy clients, 200 by default: `npm run restart -- 200`.
 * Fails if a confirmed message is lost, or if the end of a client's channel is not reported to it. Needs
 * `haproxy`.
 */
import process from "node:process";
import { ChannelError } from "../mod.ts";
import { rollingRestart } from "../tests/examples/_rolling_restart.ts";

const clients = Number(process.argv[2] ?? 200);
const { confirmed, lost, failures, untold } = await rollingRestart(clients);
const strange = failures.filter((error) => !(error instanceof ChannelError));
console.log(`${clients} clients: ${confirmed} messages confirmed, ${lost.length} of them lost; \
${failures.length} channels failed, ${strange.length} of them without a ChannelError; ${untold} ended untold`);
if (confirmed === 0 || lost.length + strange.length + untold > 0) process.exitCode = 1;
