/** The client's handling of HelloRetryRequest (RFC 8446 sections 4.1.2 and 4.1.4). */

import { equalBytes } from "../../bytes.ts";
import { fatalAlert } from "../alerts.ts";
import { type ClientHandshake, shareEntry } from "../handshake/client_hello.ts";
import { ExtensionType } from "../handshake/extensions.ts";
import { checkCookie, decodeSelectedGroup, encodeClientShares } from "../handshake/key_share.ts";
import {
  decodeServerHello,
  encodeClientHello,
  HandshakeType,
  type ServerHello,
} from "../handshake/messages.ts";
import type { OfferedGroup } from "../key_exchange/named_group.ts";
import type { Tls13Suite } from "./cipher_suites.ts";
import { checkAnswer } from "./answer.ts";
import { RETRY_RANDOM } from "./messages.ts";

/** Returns whether a ServerHello is a HelloRetryRequest. */
export function isHelloRetryRequest({ random }: ServerHello): boolean {
  return equalBytes(random, RETRY_RANDOM);
}

/** The second ClientHello, and the ServerHello in response. */
export interface Retried {
  readonly handshake: ClientHandshake;
  readonly suite: Tls13Suite;
  readonly serverHello: ServerHello;
}

const HELLO_RETRY_REQUEST: readonly number[] = [
  ExtensionType.supportedVersions,
  ExtensionType.keyShare,
  ExtensionType.cookie,
];

/** Sends the second ClientHello, and receives the ServerHello in response. */
export async function retry(first: ClientHandshake, request: ServerHello): Promise<Retried> {
  const { layer } = first;
  const suite = checkAnswer(first, request, HELLO_RETRY_REQUEST);
  layer.transcript.hashFirst(suite.hash);
  layer.checkFlightEnd();
  const handshake = secondTry(first, request);
  if (first.hello.sessionId.length > 0) layer.sendChangeCipherSpec(); // appendix D.4
  layer.send(HandshakeType.clientHello, encodeClientHello(handshake.hello));
  await layer.flush();

  const { body } = await layer.receive(HandshakeType.serverHello);
  const serverHello = decodeServerHello(body);
  if (isHelloRetryRequest(serverHello)) {
    throw fatalAlert("unexpected_message", "the server sent a second HelloRetryRequest");
  }
  return { handshake, suite, serverHello };
}

/** Returns the second ClientHello: the first one with the key share and the cookie that the server requests. */
function secondTry(first: ClientHandshake, { extensions: asked }: ServerHello): ClientHandshake {
  const [selected, cookie] = [asked.get(ExtensionType.keyShare), asked.get(ExtensionType.cookie)];
  if (selected === undefined && cookie === undefined) {
    throw fatalAlert("illegal_parameter", "HelloRetryRequest asks for no change");
  }
  const extensions = new Map(first.hello.extensions);
  if (cookie !== undefined) {
    checkCookie(cookie);
    extensions.set(ExtensionType.cookie, cookie);
  }
  const shares = selected === undefined ? first.shares : [shareFor(first, decodeSelectedGroup(selected))];
  extensions.set(
    ExtensionType.keyShare,
    encodeClientShares(shares.map(shareEntry)),
  );
  return { ...first, hello: { ...first.hello, extensions }, shares };
}

/**
 * Returns a key share for the group that the server requests. The group must be in supported_groups, but not yet in
 * key_share.
 */
function shareFor({ settings, shares }: ClientHandshake, id: number): OfferedGroup {
  const group = settings.groups.find((group) => group.id === id);
  if (group === undefined || shares.some((offered) => offered.group === group)) {
    throw fatalAlert(
      "illegal_parameter",
      "HelloRetryRequest asks for a group that was not offered, or whose share was already sent",
    );
  }
  return { group, exchange: group.generate(settings.random) };
}
