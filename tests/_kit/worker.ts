/** A worker that serves a channel on each MessagePort that it receives, and sends every message back. */
import { accept } from "../../mod.ts";
import { messagePortTransport } from "../../src/transport/message_port.ts";
import { echoMessages, offers } from "./offers.ts";

onmessage = async ({ ports: [port] }: MessageEvent): Promise<void> => {
  await echoMessages(await accept(messagePortTransport(port), { security: offers }));
};
