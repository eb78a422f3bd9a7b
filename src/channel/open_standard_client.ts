/** What the clients of the settings `certificate` and `key` have in common. */

import { load } from "../load.ts";
import { clientHandshake } from "../tls/client.ts";
import type { Credentials } from "../tls/credentials/credentials.ts";
import type { ClientOptions } from "../tls/options.ts";
import type { TlsSession } from "../tls/session.ts";
import type { Wire } from "../wire.ts";
import { applicationProtocols, chain, suitesOf } from "./open_standard.ts";
import type { CertificateClient, KeyClient, OwnKey } from "./security.ts";

/** Runs the handshake; `server` says which servers are right, and how they have to show who they are. */
export async function openStandardHandshake(
  wire: Wire,
  security: CertificateClient | KeyClient,
  server: Pick<ClientOptions, "verifyPeer" | "certificateTypes">,
): Promise<TlsSession> {
  const { algorithm, credentials, minimumKeyBits, keyLog, rekey, serverName } = security;
  return await clientHandshake(wire, {
    suites: algorithm === "either" ? [...suitesOf("AES"), ...suitesOf("3DES")] : suitesOf(algorithm),
    alpnProtocols: applicationProtocols(security),
    minimumKeyBits,
    keyLog,
    rekey,
    serverName,
    credentials: credentials && await ownCredentials(credentials),
    ...server,
  });
}

/** Few clients have a key of their own, so the formats of private keys are loaded only where one comes as text. */
async function ownCredentials(own: OwnKey): Promise<Credentials> {
  const { key } = own;
  if (typeof key !== "string") return { key, certificates: chain(own) };
  const parsePrivateKey = await load(import("../tls/rare.ts").then(({ parsePrivateKey }) => parsePrivateKey));
  return { key: parsePrivateKey(key), certificates: chain(own) };
}
