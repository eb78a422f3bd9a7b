/** A client of the setting `native`. */

import { connectNative } from "../../../noise/client.ts";
import type { Wire } from "../../../wire.ts";
import type { Settlement } from "../../establish.ts";
import { compressionOffer, nativeAgreement } from "../compression.ts";
import type { NativeClient } from "../mod.ts";

/** Asks for this setting and runs its handshake. */
export async function nativeHandshake(wire: Wire, security: NativeClient): Promise<Settlement> {
  const compression = compressionOffer(security);
  const session = await connectNative(wire, { identity: security, compression });
  const authenticated = !("trust" in security) || security.trust !== "anyone";
  return {
    session,
    agree: (maxMessageSize) => nativeAgreement(security, session, authenticated, maxMessageSize),
  };
}
