/** A server of the setting `native`. */

import { acceptNative } from "../../../noise/server.ts";
import type { CryptoChoice } from "../../../platform/choose.ts";
import { aesGcmOperations } from "../../../platform/noise_aes.ts";
import { chaChaPolyOperations } from "../../../platform/noise_chacha.ts";
import type { Wire } from "../../../wire.ts";
import type { Settlement } from "../../establish.ts";
import { compressionOffer } from "../compression.ts";
import { cipherOf } from "./cipher.ts";
import { nativeAgreement } from "./agreement.ts";
import type { NativeServer } from "./options.ts";

/** Runs the handshake with a client that requests this setting. */
export async function acceptNativeOffer(
  wire: Wire,
  offers: readonly NativeServer[],
  crypto: CryptoChoice,
): Promise<Settlement> {
  const { session, offer: { identity: offer } } = await acceptNative(
    wire,
    offers.map((identity) => {
      const cipher = cipherOf(identity);
      const operations = cipher === "AESGCM" ? aesGcmOperations(crypto) : chaChaPolyOperations(crypto);
      return { identity, compression: compressionOffer(identity, "message"), cipher, operations };
    }),
  );
  const authenticated = ("secret" in offer && offer.secret !== undefined) ||
    session.info.peerKey !== undefined;
  return {
    session,
    agree: (maxMessageSize) => nativeAgreement(offer, session, authenticated, maxMessageSize),
  };
}
