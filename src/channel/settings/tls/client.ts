/** The common part of the clients of the settings `certificate` and `key`. */

import { lazyModule } from "../../../lazy_module.ts";
import type { CryptoChoice } from "../../../platform/choose.ts";
import { clientHandshake } from "../../../tls/client.ts";
import type { ClientOptions } from "../../../tls/options.ts";
import type { TlsSession } from "../../../tls/session.ts";
import type { Wire } from "../../../wire.ts";
import type { CertificateClient } from "../certificate/options.ts";
import type { KeyClient } from "../key/options.ts";
import { checkTlsClient } from "./check.ts";
import { applicationProtocols, everyAlgorithm, suitesOf } from "./suites.ts";

const ownCredentials = lazyModule(() => import("./credentials.ts"));

/** Runs the handshake. `server` has the verification of the server, and the accepted types of credentials. */
export async function tlsHandshake(
  wire: Wire,
  security: CertificateClient | KeyClient,
  server: Pick<ClientOptions, "verifyPeer" | "certificateTypes">,
  crypto: CryptoChoice,
): Promise<TlsSession> {
  checkTlsClient(security);
  const { algorithm = "AES", keyExchange, credentials, minimumKeyBits, keyLog, rekey, serverName } = security;
  return await clientHandshake(wire, {
    suites: suitesOf(algorithm === "either" ? everyAlgorithm(keyExchange) : [algorithm], keyExchange),
    alpnProtocols: applicationProtocols(security),
    minimumKeyBits,
    keyLog,
    rekey,
    serverName,
    credentials: credentials && (await ownCredentials()).ownCredentials(credentials),
    crypto,
    ...server,
  });
}
