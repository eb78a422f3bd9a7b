import { httpServer, webSocketClient } from "../transport/_http_server.ts";
import { dial, dialWebSocket, listen, listenWebSocket } from "../../src/transport/node.ts";
import { testServing } from "./_serving.ts";

testServing("serve, node TCP", {}, async () => {
  const listener = await listen();
  return { listener, dial: () => dial(listener) };
});

testServing("serve, node WebSocket", {}, async () => {
  const listener = await listenWebSocket();
  return { listener, dial: () => dialWebSocket(`ws://127.0.0.1:${listener.port}`) };
});

testServing("serve, the runtime's WebSockets", {}, async () => {
  const { listener, port, close } = await httpServer();
  return { listener, dial: () => Promise.resolve(webSocketClient(port)), close };
});
