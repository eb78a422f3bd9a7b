/** Opens a channel to the application server, with a tap on its transport. */
import { type Channel, connect, type ConnectSecurity } from "@fesa/channel";
import { webSocketTransport } from "@fesa/channel/websocket";
import { tapped, type WireChunk } from "./wire/tap.ts";

/** A transport whose bytes can be watched. */
export interface Wire {
  /** Called with every chunk; may be replaced at any time. */
  listen: (chunk: WireChunk) => void;
}

/** A channel and its wire. */
export interface Connection {
  readonly channel: Channel;
  readonly wire: Wire;
  /** Returns the next message, or null after the server's end. One caller at a time. */
  receive(): Promise<Uint8Array | null>;
}

/** Called when the WebSocket is open, with the time of `performance.now()`: the handshake starts here. */
export type Opened = (at: number) => void;

/** Opens a WebSocket to that path of the page's own server, and a channel over it. */
export async function openConnection(
  path: string,
  security: ConnectSecurity,
  listen: Wire["listen"] = () => {},
  opened: Opened = () => {},
): Promise<Connection> {
  const wire: Wire = { listen };
  const socket = new WebSocket(new URL(path, location.href.replace(/^http/, "ws")));
  const transport = webSocketTransport(socket);
  await new Promise((resolve) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("close", resolve); // the channel finds out why
  });
  opened(performance.now());
  const channel = await connect(tapped(transport, (chunk) => wire.listen(chunk)), { security });
  return { channel, wire, receive: receiver(channel) };
}

/** Always reads one message ahead, so that the server's close is seen at any time, and answered. */
function receiver(channel: Channel): Connection["receive"] {
  const ahead = () => {
    const message = channel.receive();
    message.then((got) => got === null ? channel.close() : undefined).catch(() => {}); // `closed` says why
    return message;
  };
  let next = ahead();
  return async () => {
    const message = await next;
    if (message !== null) next = ahead();
    return message;
  };
}
