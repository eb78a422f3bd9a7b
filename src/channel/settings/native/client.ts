/** A client of the setting `native`. */

import { connectNative } from "../../../noise/client.ts";
import type { CryptoChoice } from "../../../platform/choose.ts";
import { noiseOperations } from "../../../platform/noise_operations.ts";
import type { Wire } from "../../../wire.ts";
import type { Settlement } from "../../establish.ts";
import { compressionOffer } from "../compression.ts";
import { cipherOf } from "./cipher.ts";
import { nativeAgreement } from "./agreement.ts";
import type { NativeClient } from "./options.ts";

/** Asks for this setting and runs its handshake. */
export async function nativeHandshake(
  wire: Wire,
  security: NativeClient,
  crypto: CryptoChoice,
): Promise<Settlement> {
  const compression = compressionOffer(security, "message");
  const session = await connectNative(wire, {
    identity: security,
    compression,
    cipher: cipherOf(security),
    operations: noiseOperations(crypto),
  });
  const authenticated = !("trust" in security) || security.trust !== "anyone";
  return {
    session,
    agree: (maxMessageSize) => nativeAgreement(security, session, authenticated, maxMessageSize),
  };
}
