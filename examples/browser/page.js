/**
 * The page of server.ts: it remembers the server's key on first use, and refuses any other key later.
 * In production, serve the page by https, or build the server's pin into it: `trust: pin("sha256:…")`.
 */
import { connect, firstUse, webPinStore } from "@fesa/channel";
import { webSocketTransport } from "@fesa/channel/websocket";

const form = document.querySelector("form");
const output = document.querySelector("output");
const print = (text) => output.append(text, document.createElement("br"));

try {
  const trust = firstUse(webPinStore(localStorage), location.host);
  const transport = webSocketTransport(`ws://${location.host}/channel`);
  const channel = await connect(transport, { security: { setting: "key", trust } });
  print(`encrypted by ${channel.info.cipherSuite}`);

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    channel.send(form.message.value);
    form.reset();
  });
  for await (const message of channel) print(new TextDecoder().decode(message));
  print("the server has closed");
} catch (error) {
  print(String(error));
}
