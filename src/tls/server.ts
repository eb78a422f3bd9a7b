/** The server: takes the ClientHello, and hands over to the handshake of the version that it chooses. */

import type { ChannelError } from "../errors.ts";
import type { Wire } from "../wire.ts";
import { fatalAlert, toChannelError } from "./alerts.ts";
import { FALLBACK_SCSV } from "./cipher_suites.ts";
import type { Offer } from "./credentials/offers.ts";
import { endWithAlert, HandshakeLayer } from "./handshake/layer.ts";
import { type ClientHello, decodeClientHello, HandshakeType, TLS_1_2 } from "./handshake/messages.ts";
import type { ServerOptions } from "./options.ts";
import { RecordLayer } from "./record/layer.ts";
import type { TlsSession } from "./session.ts";
import { serverHandshake as tls12Handshake } from "./tls12/server.ts";

export { type Offer, offersOf } from "./credentials/offers.ts";

/**
 * Makes a session with the client at the other end of `wire`, or ends both with an alert.
 *
 * @throws {ChannelError} What went wrong, at either side.
 */
export async function serverHandshake(
  wire: Wire,
  offers: readonly Offer[],
  trace?: ServerOptions["trace"],
): Promise<TlsSession> {
  const layer = new HandshakeLayer(wire, "server", trace);
  try {
    return await shakeHands(layer, offers);
  } catch (cause) {
    const error = toChannelError(cause);
    await endWithAlert(layer.records, error);
    throw error;
  }
}

async function shakeHands(layer: HandshakeLayer, offers: readonly Offer[]): Promise<TlsSession> {
  const { body } = await layer.receive(HandshakeType.clientHello);
  const hello = decodeClientHello(body);
  checkVersion(hello);
  layer.records.versionSettled = true;
  return await tls12Handshake({ layer, offers, hello });
}

/** RFC 5246 appendix E.1, and RFC 7507 section 3. */
function checkVersion({ version, cipherSuites }: ClientHello): void {
  if (version >= TLS_1_2) return;
  if (cipherSuites.includes(FALLBACK_SCSV)) {
    throw fatalAlert("inappropriate_fallback", "the client fell back to a version below TLS 1.2");
  }
  throw fatalAlert("protocol_version", "the client does not do TLS 1.2");
}

/** Refuses a TLS client with a handshake_failure alert, ends the transport, and returns the error to throw. */
export async function refuseTls(wire: Wire): Promise<ChannelError> {
  const error = fatalAlert("handshake_failure", "the client asks for TLS, which is not offered");
  await endWithAlert(new RecordLayer(wire), error);
  return error;
}
