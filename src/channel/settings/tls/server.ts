/** A server of the settings `certificate` and `key`: its credentials and its TLS options. */

import { ChannelError } from "../../../errors.ts";
import type { CryptoChoice } from "../../../platform/choose.ts";
import type { Credentials, VerifyPeer } from "../../../tls/credentials/credentials.ts";
import type { ServerCredentials } from "../../../tls/options.ts";
import { ACME_TLS, type Offer, offersOf } from "../../../tls/credentials/offers.ts";
import { serverHandshake } from "../../../tls/server.ts";
import type { Wire } from "../../../wire.ts";
import type { Certificate } from "../../../x509/certificate/certificate.ts";
import { answersChallenge } from "../../../x509/issuing/challenge_certificate.ts";
import { createSelfSignedCertificate } from "../../../x509/issuing/issue.ts";
import type { PrivateKey } from "../../../x509/keys/private_key.ts";
import type { NegotiatedSession } from "../../establish.ts";
import type { CertificateServer } from "../certificate/options.ts";
import { revocationListsOf } from "../certificate/revocation_lists.ts";
import { verifyByRoots } from "../certificate/roots.ts";
import type { KeyServer } from "../key/options.ts";
import { rememberKey, verifyByKey } from "../key/verify.ts";
import { tlsAgreement } from "./agreement.ts";
import { checkTlsServer } from "./check.ts";
import { ownCredentials } from "./credentials.ts";
import type { ClientTrust } from "./options.ts";
import { applicationProtocols, suitesOf } from "./suites.ts";

/** Runs the handshake with a client that requests TLS. */
export async function acceptTlsOffer(
  wire: Wire,
  offers: readonly (CertificateServer | KeyServer)[],
  crypto: CryptoChoice,
): Promise<NegotiatedSession> {
  const session = await serverHandshake(wire, offers.map((offer) => tlsOffer(offer, crypto)));
  if (session.info.alpnProtocol === ACME_TLS) { // RFC 8737 section 3: nothing follows the handshake
    const error = new ChannelError("closed", "a CA checked the answer to its challenge");
    await wire.abortAfter(error, async () => {
      await session.close();
      await session.read(); // the CA closes when it has seen the certificate
    });
    throw error;
  }
  const offer = offers.find((offer) => tlsOffer(offer, crypto).credentials === session.credentials)!;
  return {
    session,
    agree: async (maxMessageSize) => {
      const trust = offer.clients && "trust" in offer.clients ? offer.clients.trust : undefined;
      if (trust !== undefined) await rememberKey(trust, session);
      const authenticated = session.info.peer !== undefined && trust !== "anyone";
      return tlsAgreement(offer, session, authenticated, maxMessageSize);
    },
  };
}

/** The offers that have been computed. Each is computed once, since `accept` is called for every connection. */
const made: Readonly<Record<CryptoChoice, WeakMap<CertificateServer | KeyServer, Offer>>> = {
  platform: new WeakMap(),
  pure: new WeakMap(),
};

/** Returns the TLS credentials and options for an offer. Refuses an offer that could serve no client. */
export function tlsOffer(offer: CertificateServer | KeyServer, crypto: CryptoChoice): Offer {
  let tls = made[crypto].get(offer);
  if (tls === undefined) {
    [tls] = offersOf({ credentials: [serverCredentials(offer, crypto)], crypto });
    made[crypto].set(offer, tls);
  }
  return tls;
}

function serverCredentials(offer: CertificateServer | KeyServer, crypto: CryptoChoice): ServerCredentials {
  checkTlsServer(offer);
  const { algorithm = "AES", keyExchange, minimumKeyBits, keyLog, rekey, clients } = offer;
  const own = ownCredentials(offer);
  return {
    ...own,
    ...(offer.setting === "key" ? { certificates: [selfSigned(own)] } : {}),
    rawKey: offer.setting === "key",
    ocspResponse: offer.setting === "certificate" ? offer.ocspResponse : undefined,
    suites: suitesOf(typeof algorithm === "string" ? [algorithm] : algorithm, keyExchange),
    alpnProtocols: own.certificates?.slice(0, 1).some(answersChallenge)
      ? [ACME_TLS]
      : applicationProtocols(offer),
    minimumKeyBits,
    keyLog,
    rekey,
    clientAuthentication: clients && {
      verifyPeer: verifyClient(clients, minimumKeyBits, crypto),
      certificateTypes: "roots" in clients ? ["x509"] : ["raw", "x509"],
    },
  };
}

function verifyClient(
  clients: ClientTrust,
  minimumKeyBits: number | undefined,
  crypto: CryptoChoice,
): VerifyPeer {
  if ("trust" in clients) return verifyByKey(clients.trust);
  const crls = clients.crls === undefined ? undefined : revocationListsOf(clients.crls);
  return verifyByRoots({ ...clients, crls }, "client", minimumKeyBits, crypto);
}

/**
 * Returns a self-signed certificate for peers that do not support raw public keys (RFC 7250). The pin of the key is the
 * same.
 */
function selfSigned({ key }: Credentials): Certificate {
  return createSelfSignedCertificate(key as PrivateKey, { subject: "CN=FESA key", allowWeak: true });
}
