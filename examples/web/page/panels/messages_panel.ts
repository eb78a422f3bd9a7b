/** Messages, each beside its bytes on the wire. */
import type { Connection } from "../connection.ts";
import { byId, h } from "../dom.ts";
import { bytesText } from "../format.ts";
import { find, hexDump } from "../hex_dump.ts";
import { joined } from "../wire/step.ts";
import { type RecordPart, recordParts } from "../wire/records.ts";
import type { Direction } from "../wire/tap.ts";

const form = byId<HTMLFormElement>("compose");
const input = byId<HTMLInputElement>("message");

/** Calls back with each message that a person sends. */
export function startMessagesPanel(send: (text: string) => void): void {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (input.value === "") return;
    send(input.value);
    input.value = "";
  });
}

/** Enables or disables sending messages and files. */
export function allowSending(allowed: boolean): void {
  byId<HTMLFieldSetElement>("sending").disabled = !allowed;
  byId("messages").dataset.state = allowed || byId("exchanges").childElementCount > 0 ? "filled" : "empty";
}

/** Clears the messages of the previous connection. */
export function clearMessages(): void {
  byId("exchanges").replaceChildren();
  byId("messages").dataset.state = "empty";
  byId("messages-status").textContent = "";
}

/** Sends a message, waits for it to come back, and shows both directions. */
export async function exchange({ channel, wire, receive }: Connection, text: string): Promise<void> {
  const seen: Record<Direction, Uint8Array> = { sent: new Uint8Array(0), received: new Uint8Array(0) };
  wire.listen = ({ direction, bytes }) => seen[direction] = joined(seen[direction], bytes);
  await channel.send(text);
  const answer = await receive();
  wire.listen = () => {};
  if (answer === null) return;

  const { cipherSuite } = channel.info;
  const plain = new TextEncoder().encode(text);
  byId("exchanges").prepend(
    h(
      "li",
      { class: "exchange" },
      pair("You sent", plain, seen.sent, cipherSuite),
      h(
        "details",
        {},
        h("summary", {}, "The answer, ", bytesText(seen.received.length), " on the wire"),
        pair("You received", answer, seen.received, cipherSuite),
      ),
    ),
  );
  byId("messages-status").textContent = `Sent ${bytesText(plain.length)}, ${
    bytesText(seen.sent.length)
  } on the wire; the answer came back.`;
}

/** The plain text beside its bytes on the wire. */
function pair(title: string, plain: Uint8Array, passed: Uint8Array, cipherSuite: string): HTMLElement {
  const parts = recordParts(passed, cipherSuite);
  const clear = parts.some(({ kind }) => kind === "plain");
  return h(
    "div",
    { class: "pair" },
    h(
      "div",
      { class: "plain" },
      h("h3", {}, title),
      h("p", { class: "text" }, new TextDecoder().decode(plain)),
      h("p", { class: "note" }, bytesText(plain.length)),
    ),
    h(
      "div",
      { class: "wire" },
      h(
        "h3",
        {},
        "On the wire ",
        h(
          "span",
          { class: `badge ${clear ? "bad" : "good"}` },
          clear ? "anyone can read it" : "unreadable",
        ),
      ),
      hexDump(passed, parts, clear ? find(passed, plain) : undefined), // a short text may be found by chance
      h("p", { class: "note legend" }, `${bytesText(passed.length)}: `, ...legend(parts)),
    ),
  );
}

function legend(parts: readonly RecordPart[]): (HTMLElement | string)[] {
  return parts.slice(0, 4).flatMap(({ kind, name, length }, index) => [
    index > 0 ? ", " : "",
    h("span", { class: kind }, `${length} ${name}`),
  ]);
}
