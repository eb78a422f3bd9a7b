/** What a server's handshake begins with, whatever its version. */

import type { Offer } from "../credentials/offers.ts";
import type { HandshakeLayer } from "./layer.ts";
import type { ClientHello } from "./messages.ts";

/** What the handshake of a version goes on from, once the ClientHello was received. */
export interface ServerHandshake {
  readonly layer: HandshakeLayer;
  readonly offers: readonly Offer[];
  readonly hello: ClientHello;
}
