/** The offers of the servers for bundled tests, and the requests of their clients. */
import type { AcceptSecurity, Channel, ConnectSecurity } from "../../mod.ts";
import { rsa2048 } from "./keys.ts";
import { root, serverCertificate } from "./pki.ts";

const secret = new Uint8Array(32).fill(5);

/** An offer for every setting. */
export const offers: readonly AcceptSecurity[] = [
  { setting: "certificate", key: rsa2048, certificates: [serverCertificate(rsa2048)] },
  { setting: "key", key: rsa2048 },
  { setting: "native", secret },
  { setting: "off" },
];

/** A client's request for every setting. */
export const requests: readonly ConnectSecurity[] = [
  { setting: "certificate", roots: [root.certificate], serverName: "localhost" },
  { setting: "key", trust: "anyone" },
  { setting: "native", secret },
  { setting: "off" },
];

/** Sends every message back. */
export async function echoMessages(channel: Channel): Promise<void> {
  for await (const message of channel) await channel.send(message);
  await channel.close();
}
