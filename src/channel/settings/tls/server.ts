/** A server of the settings `certificate` and `key`: who it is, and what it asks of TLS. */

import type { Credentials, VerifyPeer } from "../../../tls/credentials/credentials.ts";
import type { ServerCredentials } from "../../../tls/options.ts";
import { type Offer, offersOf } from "../../../tls/server.ts";
import type { Certificate } from "../../../x509/certificate/certificate.ts";
import { createSelfSignedCertificate } from "../../../x509/issuing/issue.ts";
import type { PrivateKey } from "../../../x509/keys/private_key.ts";
import { chainTrust } from "../certificate/roots.ts";
import { applicationProtocols, keyTrust, ownCredentials, suitesOf } from "./agreement.ts";
import type { CertificateServer, ClientTrust, KeyServer } from "../mod.ts";

/** Made once for each offer, since `accept` is called for every connection. */
const made = new WeakMap<CertificateServer | KeyServer, Offer>();

/** What TLS is to offer for this offer, which is refused where it could serve no client. */
export function tlsOffer(offer: CertificateServer | KeyServer): Offer {
  let tls = made.get(offer);
  if (tls === undefined) {
    [tls] = offersOf({ credentials: [serverCredentials(offer)] });
    made.set(offer, tls);
  }
  return tls;
}

function serverCredentials(offer: CertificateServer | KeyServer): ServerCredentials {
  const { algorithm, minimumKeyBits, keyLog, rekey, clients } = offer;
  const own = ownCredentials(offer);
  return {
    ...own,
    ...(offer.setting === "key" ? { certificates: [selfSigned(own)] } : {}),
    rawKey: offer.setting === "key",
    ocspResponse: offer.setting === "certificate" ? offer.ocspResponse : undefined,
    suites: suitesOf(algorithm),
    alpnProtocols: applicationProtocols(offer),
    minimumKeyBits,
    keyLog,
    rekey,
    clientAuthentication: clients && {
      verifyPeer: clientTrust(clients, minimumKeyBits),
      certificateTypes: "roots" in clients ? ["x509"] : ["raw", "x509"],
    },
  };
}

function clientTrust(clients: ClientTrust, minimumKeyBits: number | undefined): VerifyPeer {
  return "roots" in clients ? chainTrust(clients, "client", minimumKeyBits) : keyTrust(clients.trust);
}

/** For peers without RFC 7250; the pin of the key is the same either way. */
function selfSigned({ key }: Credentials): Certificate {
  return createSelfSignedCertificate(key as PrivateKey, { subject: "CN=FESA key", allowWeak: true });
}
