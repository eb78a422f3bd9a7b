/** A channel to the application server, and a look at its wire. */
import { type Channel, connect, type ConnectSecurity } from "@fesa/channel";
import { webSocketTransport } from "@fesa/channel/websocket";
import { tapped, type WireChunk } from "./wire/tap.ts";

/** A wire that somebody may look at. */
export interface Wire {
  /** Sees every chunk; it may be replaced at any time. */
  listen: (chunk: WireChunk) => void;
}

/** A channel, its wire, and how long the WebSocket took. */
export interface Connection {
  readonly channel: Channel;
  readonly wire: Wire;
}

/** Tells when the WebSocket is open, on the clock of `performance.now()`: the handshake starts here. */
export type Opened = (at: number) => void;

/** Opens a WebSocket, and a channel over it. */
export async function openConnection(
  security: ConnectSecurity,
  listen: Wire["listen"] = () => {},
  opened: Opened = () => {},
): Promise<Connection> {
  const wire: Wire = { listen };
  const socket = new WebSocket(new URL("channel", location.href.replace(/^http/, "ws")));
  const transport = webSocketTransport(socket);
  await new Promise((resolve) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("close", resolve); // the channel finds out why
  });
  opened(performance.now());
  const channel = await connect(tapped(transport, (chunk) => wire.listen(chunk)), { security });
  return { channel, wire };
}
