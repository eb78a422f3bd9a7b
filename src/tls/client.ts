/** The client: sends the ClientHello, and continues with the handshake of the version that the server chose. */

import type { Wire } from "../wire.ts";
import { equalBytes } from "../bytes.ts";
import { fatalAlert } from "./alerts.ts";
import { checkCredentials } from "./credentials/credentials.ts";
import { type ClientHandshake, clientHello } from "./handshake/client_hello.ts";
import { HandshakeLayer } from "./handshake/layer.ts";
import { ExtensionType } from "./handshake/extensions.ts";
import {
  decodeServerHello,
  encodeClientHello,
  HandshakeType,
  type ServerHello,
} from "./handshake/messages.ts";
import { isDowngrade, TLS_1_2 } from "./handshake/versions.ts";
import { withHint } from "./hints.ts";
import { type ClientOptions, settingsOf } from "./options.ts";
import type { TlsSession } from "./session.ts";
import { clientHandshake as tls12Handshake } from "./tls12/client.ts";
import { clientHandshake as tls13Handshake } from "./tls13/client.ts";

/**
 * Sets up a session with the server at the other end of `wire`. On failure, sends an alert and ends the wire.
 *
 * @throws {ChannelError} If the handshake fails on either side.
 * @throws {TypeError} If an option is missing, is of the wrong type or has an unknown value.
 * @throws {RangeError} If a number is out of its range, or a key is too short.
 */
export async function clientHandshake(wire: Wire, options: ClientOptions): Promise<TlsSession> {
  const settings = settingsOf(options);
  if (options.credentials) checkCredentials(options.credentials, settings.minimumKeyBits);
  const offer = clientHello(settings, options);
  const layer = new HandshakeLayer(wire, "client", options.trace);
  return await layer.run(() => shakeHands({ layer, settings, options, ...offer }));
}

async function shakeHands(handshake: ClientHandshake): Promise<TlsSession> {
  const { layer, hello } = handshake;
  layer.send(HandshakeType.clientHello, encodeClientHello(hello));
  await layer.flush();

  const serverHello = await receiveServerHello(handshake);
  if (choosesTls13(handshake, serverHello)) return await tls13Handshake(handshake, serverHello);
  checkTls12(handshake, serverHello);
  layer.records.versionSettled = true;
  return await tls12Handshake(handshake, serverHello);
}

async function receiveServerHello({ layer, settings }: ClientHandshake): Promise<ServerHello> {
  try {
    const { body } = await layer.receive(HandshakeType.serverHello);
    return decodeServerHello(body);
  } catch (error) {
    throw withHint(error, settings);
  }
}

/** Returns whether the server chose TLS 1.3: it then sends supported_versions (RFC 8446 section 4.2.1). */
function choosesTls13({ hello }: ClientHandshake, { extensions }: ServerHello): boolean {
  return hello.extensions.has(ExtensionType.supportedVersions) &&
    extensions.has(ExtensionType.supportedVersions);
}

function checkTls12({ settings, hello }: ClientHandshake, { version, random, sessionId }: ServerHello): void {
  if (version !== TLS_1_2 || settings.tls12Suites.length === 0) {
    throw fatalAlert("protocol_version", "the server chose a version that was not offered");
  }
  if (settings.tls13Suites.length === 0) return;
  if (isDowngrade(random)) {
    throw fatalAlert(
      "illegal_parameter",
      "the handshake was downgraded: TLS 1.3 was removed from this client's offer",
    ); // section 4.1.3
  }
  if (equalBytes(sessionId, hello.sessionId)) {
    throw fatalAlert("illegal_parameter", "the server resumes a session that does not exist"); // appendix D.4
  }
}
