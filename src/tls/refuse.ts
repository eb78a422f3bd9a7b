/** A server that does no TLS here says so in a way that a TLS client understands. */

import type { ChannelError } from "../errors.ts";
import type { Wire } from "../wire.ts";
import { fatalAlert } from "./alerts.ts";
import { endWithAlert } from "./handshake/layer.ts";
import { RecordLayer } from "./record/layer.ts";

/** Answers a ClientHello with handshake_failure, ends the transport, and gives the error to throw. */
export async function refuseTls(wire: Wire): Promise<ChannelError> {
  const error = fatalAlert("handshake_failure", "the client asks for TLS, which is not offered");
  await endWithAlert(new RecordLayer(wire), error);
  return error;
}
