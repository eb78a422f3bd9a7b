/** Checks ServerHello against the ClientHello (RFC 8446 section 4.1.3). */

import { equalBytes } from "../../bytes.ts";
import { fatalAlert } from "../alerts.ts";
import { checkOffered } from "../handshake/answers.ts";
import type { ClientHandshake } from "../handshake/client_hello.ts";
import { ExtensionType } from "../handshake/extensions.ts";
import { decodeServerShare } from "../handshake/key_share.ts";
import type { ServerHello } from "../handshake/messages.ts";
import { decodeSelectedVersion, TLS_1_2, TLS_1_3 } from "../handshake/versions.ts";
import type { NamedGroup } from "../key_exchange/named_group.ts";
import type { Tls13Suite } from "./cipher_suites.ts";

/** What a ServerHello determines. */
export interface AcceptedHello {
  readonly suite: Tls13Suite;
  readonly group: NamedGroup;
  /** The shared secret of the key exchange. */
  readonly secret: Uint8Array;
}

const SERVER_HELLO: readonly number[] = [ExtensionType.supportedVersions, ExtensionType.keyShare];

/** Checks the ServerHello and finishes the key exchange. `suite` is the suite of the HelloRetryRequest, if there was one. */
export function acceptServerHello(
  handshake: ClientHandshake,
  answer: ServerHello,
  suite?: Tls13Suite,
): AcceptedHello {
  const chosen = checkAnswer(handshake, answer, SERVER_HELLO);
  if (suite !== undefined && chosen !== suite) {
    throw fatalAlert(
      "illegal_parameter",
      "the server chose another cipher suite than in its HelloRetryRequest",
    );
  }
  const data = answer.extensions.get(ExtensionType.keyShare);
  if (data === undefined) throw fatalAlert("missing_extension", "the server sent no key share");
  const entry = decodeServerShare(data);
  const offered = handshake.shares.find(({ group }) => group.id === entry.group);
  if (offered === undefined) {
    throw fatalAlert("illegal_parameter", "the server chose a group for which no key share was offered");
  }
  return { suite: chosen, group: offered.group, secret: offered.exchange.finish(entry.share) };
}

/** Checks the fields that ServerHello and HelloRetryRequest have in common, and returns the suite. */
export function checkAnswer(
  { settings, hello }: ClientHandshake,
  answer: ServerHello,
  allowed: readonly number[],
): Tls13Suite {
  const version = answer.extensions.get(ExtensionType.supportedVersions);
  const suite = settings.tls13Suites.find(({ id }) => id === answer.cipherSuite);
  if (version === undefined || decodeSelectedVersion(version) !== TLS_1_3 || answer.version !== TLS_1_2) {
    throw fatalAlert("illegal_parameter", "the server's answer does not have the version of TLS 1.3");
  }
  if (suite === undefined || answer.compressionMethod !== 0) {
    throw fatalAlert("illegal_parameter", "the server chose a suite or compression that was not offered");
  }
  if (!equalBytes(answer.sessionId, hello.sessionId)) {
    throw fatalAlert("illegal_parameter", "the server does not send the session id back");
  }
  checkOffered(hello.extensions, answer.extensions, allowed);
  return suite;
}
