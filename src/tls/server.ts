/** The server: receives the ClientHello, and continues with the handshake of the version that it chooses. */

import type { ChannelError } from "../errors.ts";
import type { Wire } from "../wire.ts";
import { fatalAlert } from "./alerts.ts";
import { FALLBACK_SCSV } from "./cipher_suites.ts";
import { enablesTls13, type Offer, offersFor } from "./credentials/offers.ts";
import { endWithAlert, HandshakeLayer } from "./handshake/layer.ts";
import { ExtensionType } from "./handshake/extensions.ts";
import { type ClientHello, decodeClientHello, HandshakeType } from "./handshake/messages.ts";
import { decodeSupportedVersions, TLS_1_2, TLS_1_3 } from "./handshake/versions.ts";
import type { ServerOptions } from "./options.ts";
import { RecordLayer } from "./record/layer.ts";
import type { TlsSession } from "./session.ts";
import { serverHandshake as tls12Handshake } from "./tls12/server.ts";
import { serverHandshake as tls13Handshake } from "./tls13/server.ts";

/**
 * Sets up a session with the client at the other end of `wire`. On failure, sends an alert and ends the wire.
 *
 * @throws {ChannelError} If the handshake fails on either side.
 */
export async function serverHandshake(
  wire: Wire,
  offers: readonly Offer[],
  trace?: ServerOptions["trace"],
): Promise<TlsSession> {
  const layer = new HandshakeLayer(wire, "server", trace);
  return await layer.run(() => shakeHands(layer, offers));
}

async function shakeHands(layer: HandshakeLayer, offers: readonly Offer[]): Promise<TlsSession> {
  const { body } = await layer.receive(HandshakeType.clientHello);
  layer.checkFlightEnd(); // RFC 8446 section 5.1; in TLS 1.2 nothing may follow before ServerHello either
  const hello = decodeClientHello(body);
  const able = offersFor(offers, hello);
  const serverHandshake = chooseVersion(able, hello) === TLS_1_3 ? tls13Handshake : tls12Handshake;
  layer.records.versionSettled = true;
  return await serverHandshake({ layer, offers: able, hello });
}

/** Returns the highest version that both sides support (RFC 8446 section 4.2.1, RFC 5246 appendix E.1). */
function chooseVersion(offers: readonly Offer[], hello: ClientHello): number {
  const own = versionsOf(offers);
  const offered = offeredVersions(hello);
  const version = own.find((version) => offered.includes(version));
  const isFallback = hello.cipherSuites.includes(FALLBACK_SCSV) && version !== own[0];
  if (isFallback) { // RFC 7507 section 3
    throw fatalAlert("inappropriate_fallback", "the client fell back to a lower version than this server's");
  }
  if (version === undefined) throw fatalAlert("protocol_version", "there is no version of TLS in common");
  return version;
}

/** Returns the enabled versions of a server, the highest first. */
function versionsOf(offers: readonly Offer[]): number[] {
  const hasTls12 = offers.some(({ settings }) => settings.tls12Suites.length > 0);
  return [...(enablesTls13(offers) ? [TLS_1_3] : []), ...(hasTls12 ? [TLS_1_2] : [])];
}

/**
 * Returns the versions that a client offers. Without supported_versions these are all versions up to the one in the
 * ClientHello.
 */
function offeredVersions({ version, extensions }: ClientHello): readonly number[] {
  const data = extensions.get(ExtensionType.supportedVersions);
  return data === undefined ? (version >= TLS_1_2 ? [TLS_1_2] : []) : decodeSupportedVersions(data);
}

/** Refuses a TLS client with a handshake_failure alert, ends the transport, and returns the error to throw. */
export async function refuseTls(wire: Wire): Promise<ChannelError> {
  const error = fatalAlert("handshake_failure", "the client asks for TLS, which is not offered");
  await endWithAlert(new RecordLayer(wire), error);
  return error;
}
