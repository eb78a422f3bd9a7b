/** A server of the setting `native`. */

import { checkCodecOptions } from "../../../message/agreed_codec.ts";
import { acceptNative, checkServerIdentity } from "../../../noise/server.ts";
import type { CryptoChoice } from "../../../platform/choose.ts";
import { aesGcmOperations } from "../../../platform/noise_aes.ts";
import { chaChaPolyOperations } from "../../../platform/noise_chacha.ts";
import type { Wire } from "../../../wire.ts";
import type { NegotiatedSession } from "../../establish.ts";
import { compressionOffer } from "../compression.ts";
import { cipherOf } from "./cipher.ts";
import { nativeAgreement } from "./agreement.ts";
import { checkServerNames } from "./names.ts";
import type { NativeServer } from "./options.ts";

/**
 * Refuses an offer that could serve no client.
 *
 * @throws {TypeError} If an option has the wrong type, or an unknown value.
 * @throws {RangeError} If a key or the dictionary has the wrong length.
 */
export function checkNativeOffer(offer: NativeServer): void {
  checkServerNames(offer);
  checkCodecOptions(offer);
  checkServerIdentity(offer);
  cipherOf(offer);
}

/** Runs the handshake with a client that requests this setting. */
export async function acceptNativeOffer(
  wire: Wire,
  offers: readonly NativeServer[],
  crypto: CryptoChoice,
): Promise<NegotiatedSession> {
  const { session, offer: { identity } } = await acceptNative(
    wire,
    offers.map((identity) => {
      const cipher = cipherOf(identity);
      const operations = cipher === "AESGCM" ? aesGcmOperations(crypto) : chaChaPolyOperations(crypto);
      return { identity, compression: compressionOffer(identity, "message"), cipher, operations };
    }),
  );
  const authenticated = identity.secret !== undefined || session.info.peerKey !== undefined;
  return {
    session,
    agree: (maxMessageSize) => nativeAgreement(identity, session, authenticated, maxMessageSize),
  };
}
