/** Answers a CA's challenges: by a listener, by the running server, in a folder of a web server, or by a program for DNS. */

import { spawn } from "node:child_process";
import { unlink } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { type Challenge, type ChallengeSolver, HttpChallenges, TlsAlpnChallenges } from "../../acme/mod.ts";
import { serve } from "../../channel/serve.ts";
import type { Server } from "../../server/server.ts";
import { listen } from "../../transport/node.ts";
import { formatEndpoint, parseEndpoint } from "../endpoint.ts";
import { makeFolder, reason, writeNewFile } from "../files.ts";
import type { AcmeConfig } from "./config.ts";

/** A solver that answers challenges until it is closed. */
export interface Solver extends ChallengeSolver {
  close(): Promise<void>;
}

/** A running server, which answers tls-alpn-01 if the CA connects where it listens. */
export interface Serving {
  readonly listen: string;
  readonly challenges: TlsAlpnChallenges;
}

/** Starts the solver that the configuration asks for. */
export async function openSolver(config: AcmeConfig, serving?: Serving): Promise<Solver> {
  if (config.webroot !== undefined) return webroot(config.webroot);
  if (config.dnsHook !== undefined) return dnsHook(config.dnsHook);
  if (config.tlsListen !== undefined) {
    return serving?.listen === config.tlsListen
      ? byServer(serving.challenges)
      : tlsListener(config.tlsListen);
  }
  return await httpListener(config.httpListen ?? "0.0.0.0:80");
}

/** Answers http-01 at an address that the CA reaches as port 80 of the names. */
async function httpListener(listen: string): Promise<Solver> {
  const { host, port } = parseEndpoint(listen, "--http-listen");
  const challenges = new HttpChallenges();
  const server = createServer((request, response) => {
    const answer = challenges.answer(request.url ?? "");
    response.writeHead(answer === undefined ? 404 : 200, { "content-type": "text/plain" }).end(answer);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      reject(new Error(`cannot listen on ${formatEndpoint({ host, port })}: ${reason(error)}`));
    });
    server.listen(port, host, resolve);
  });
  return {
    type: challenges.type,
    present: (challenge) => challenges.present(challenge),
    withdraw: (challenge) => challenges.withdraw(challenge),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers tls-alpn-01 at an address that the CA reaches as port 443 of the names, as long as there is a challenge. */
function tlsListener(where: string): Solver {
  const endpoint = parseEndpoint(where, "--tls-listen");
  const challenges = new TlsAlpnChallenges();
  let server: Server | undefined;
  const close = async () => await server?.close({ grace: 0 });
  return {
    type: challenges.type,
    present: async (challenge) => {
      await challenges.present(challenge);
      server = serve(await listen(endpoint), { security: challenges.security }, () => {});
    },
    withdraw: async (challenge) => {
      challenges.withdraw(challenge);
      await close();
    },
    close,
  };
}

/** Answers tls-alpn-01 by the running server. */
function byServer(challenges: TlsAlpnChallenges): Solver {
  return {
    type: challenges.type,
    present: (challenge) => challenges.present(challenge),
    withdraw: (challenge) => challenges.withdraw(challenge),
    close: async () => {},
  };
}

/** Answers http-01 by files in a folder that a web server serves. */
function webroot(folder: string): Solver {
  const place = join(folder, ".well-known", "acme-challenge");
  return {
    type: "http-01",
    present: async ({ token, keyAuthorization }) => {
      await makeFolder(place);
      await writeNewFile(join(place, token), keyAuthorization, { force: true });
    },
    withdraw: async ({ token }) => {
      await unlink(join(place, token)).catch(() => {}); // it may be gone already
    },
    close: async () => {},
  };
}

/** Answers dns-01 by a program that sets and removes TXT records: `PROGRAM set NAME VALUE`, `PROGRAM clear NAME VALUE`. */
function dnsHook(program: string): Solver {
  const call = (verb: string, { domain, dnsValue }: Challenge) =>
    run(program, [verb, `_acme-challenge.${domain}`, dnsValue]);
  return {
    type: "dns-01",
    present: (challenge) => call("set", challenge),
    withdraw: (challenge) => call("clear", challenge),
    close: async () => {},
  };
}

/** Runs a program to its end; its output goes to standard error. */
async function run(program: string, args: readonly string[]): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", 2, 2] });
    child.once("error", (error) => reject(new Error(`cannot run ${program}: ${reason(error)}`)));
    child.once("exit", (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${program} ${args[0]} ended with ${signal ?? `exit code ${code}`}`));
    });
  });
}
