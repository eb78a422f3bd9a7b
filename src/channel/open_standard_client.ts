/** A client of the settings `certificate` and `key`. */

import { clientHandshake } from "../tls/client.ts";
import type { Identity } from "../tls/identity.ts";
import type { ClientOptions } from "../tls/options.ts";
import type { Wire } from "../wire.ts";
import type { RevocationList } from "../x509/revocation_list.ts";
import type { Settlement } from "./establish.ts";
import {
  applicationProtocols,
  chain,
  chainTrust,
  keyTrust,
  rememberKey,
  SUITES,
  tlsAgreement,
} from "./open_standard.ts";
import type { CertificateClient, ChainTrust, KeyClient, OwnKey } from "./security.ts";

/** Asks for one of these settings and runs its handshake. */
export async function connectOpenStandard(
  wire: Wire,
  security: CertificateClient | KeyClient,
): Promise<Settlement> {
  const session = await clientHandshake(wire, await tlsOptions(security));
  return {
    session,
    agree: async (maxMessageSize) => {
      if (security.setting === "key") await rememberKey(security.trust, session);
      const authenticated = security.setting === "certificate" || security.trust !== "anyone";
      return tlsAgreement(security, session, authenticated, maxMessageSize);
    },
  };
}

async function tlsOptions(security: CertificateClient | KeyClient): Promise<ClientOptions> {
  if (security.setting === "certificate" && !security.serverName) {
    throw new TypeError("the setting certificate needs a serverName");
  }
  const { algorithm = "AES", identity, minimumKeyBits, keyLog, rekey, serverName } = security;
  return {
    suites: algorithm === "either" ? [...SUITES.AES, ...SUITES["3DES"]] : SUITES[algorithm],
    alpnProtocols: applicationProtocols(security),
    minimumKeyBits,
    keyLog,
    rekey,
    serverName,
    identity: identity && await ownIdentity(identity),
    ...(security.setting === "key"
      ? { trust: keyTrust(security.trust), certificateTypes: ["raw", "x509"] }
      : {
        trust: chainTrust(security, await revocationLists(security), "server", minimumKeyBits),
        certificateTypes: ["x509"],
      }),
  };
}

// Few clients have a key of their own or lists of what was revoked, so their formats are loaded where they come as text.

async function ownIdentity(own: OwnKey): Promise<Identity> {
  const { key } = own;
  if (typeof key !== "string") return { key, certificates: chain(own) };
  const { parsePrivateKey } = await import("../x509/private_key.ts");
  return { key: parsePrivateKey(key), certificates: chain(own) };
}

async function revocationLists({ crls }: ChainTrust): Promise<readonly RevocationList[] | undefined> {
  if (typeof crls !== "string") return crls;
  const { parseRevocationLists } = await import("../x509/revocation_list.ts");
  return parseRevocationLists(crls);
}
