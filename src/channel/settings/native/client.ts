/** A client of the setting `native`. */

import type { NoiseOperations } from "../../../crypto/operations.ts";
import { lazyModule } from "../../../lazy_module.ts";
import { connectNative } from "../../../noise/client.ts";
import type { CipherName } from "../../../noise/protocol.ts";
import type { CryptoChoice } from "../../../platform/choose.ts";
import { chaChaPolyOperations } from "../../../platform/noise_chacha.ts";
import type { Wire } from "../../../wire.ts";
import type { NegotiatedSession } from "../../establish.ts";
import { compressionOffer } from "../compression.ts";
import { cipherOf } from "./cipher.ts";
import { nativeAgreement } from "./agreement.ts";
import { checkClientNames } from "./names.ts";
import type { NativeClient } from "./options.ts";

/** Requests this setting and runs its handshake. */
export async function nativeHandshake(
  wire: Wire,
  security: NativeClient,
  crypto: CryptoChoice,
): Promise<NegotiatedSession> {
  checkClientNames(security);
  const compression = compressionOffer(security, "message");
  const cipher = cipherOf(security);
  const session = await connectNative(wire, {
    identity: security,
    compression,
    cipher,
    operations: await operationsFor(cipher, crypto),
  });
  const authenticated = security.trust !== "anyone";
  return {
    session,
    agree: (maxMessageSize) => nativeAgreement(security, session, authenticated, maxMessageSize),
  };
}

const noiseAes = lazyModule(() => import("../../../platform/noise_aes.ts"));

/** Loads AES only if it is the chosen cipher, to keep pages small. */
async function operationsFor(cipher: CipherName, crypto: CryptoChoice): Promise<NoiseOperations> {
  if (cipher === "ChaChaPoly") return chaChaPolyOperations(crypto);
  return (await noiseAes()).aesGcmOperations(crypto);
}
