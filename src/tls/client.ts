/** The client: sends the ClientHello, and hands over to the handshake of the version that the server chose. */

import type { Wire } from "../wire.ts";
import { fatalAlert, toChannelError } from "./alerts.ts";
import { checkCredentials } from "./credentials/credentials.ts";
import { type ClientHandshake, clientHello } from "./handshake/client_hello.ts";
import { endWithAlert, HandshakeLayer } from "./handshake/layer.ts";
import { decodeServerHello, encodeClientHello, HandshakeType, TLS_1_2 } from "./handshake/messages.ts";
import { type ClientOptions, settingsOf } from "./options.ts";
import type { TlsSession } from "./session.ts";
import { clientHandshake as tls12Handshake } from "./tls12/client.ts";

/**
 * Makes a session with the server at the other end of `wire`, or ends both with an alert.
 *
 * @throws {ChannelError} What went wrong, at either side.
 * @throws {TypeError} If an option makes no sense.
 * @throws {RangeError} If a number is out of its range, or a key is too short.
 */
export async function clientHandshake(wire: Wire, options: ClientOptions): Promise<TlsSession> {
  const settings = settingsOf(options);
  if (options.credentials) checkCredentials(options.credentials, settings.minimumKeyBits);
  const hello = clientHello(settings, options);
  const layer = new HandshakeLayer(wire, "client", options.trace);
  try {
    return await shakeHands({ layer, settings, options, hello });
  } catch (cause) {
    const error = toChannelError(cause);
    await endWithAlert(layer.records, error);
    throw error;
  }
}

async function shakeHands(handshake: ClientHandshake): Promise<TlsSession> {
  const { layer, hello } = handshake;
  layer.send(HandshakeType.clientHello, encodeClientHello(hello));
  await layer.flush();

  const { body } = await layer.receive(HandshakeType.serverHello);
  const serverHello = decodeServerHello(body);
  if (serverHello.version !== TLS_1_2) {
    throw fatalAlert("protocol_version", "the server wants another version than TLS 1.2");
  }
  layer.records.versionSettled = true;
  return await tls12Handshake(handshake, serverHello);
}
