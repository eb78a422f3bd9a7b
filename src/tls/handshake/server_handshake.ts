/** The start of a server's handshake, common to all versions. */

import type { Offer } from "../credentials/offers.ts";
import type { HandshakeLayer } from "./layer.ts";
import type { ClientHello } from "./messages.ts";

/** The state from which the handshake of a version continues after the ClientHello. */
export interface ServerHandshake {
  readonly layer: HandshakeLayer;
  readonly offers: readonly Offer[];
  readonly hello: ClientHello;
}
