/** The handshake step by step: time, direction, message, and number of bytes. */
import type { ChannelInfo } from "@fesa/channel";
import { breakable, byId, h, svg, unseen } from "../dom.ts";
import { bytesText, millisecondsText } from "../format.ts";
import { hexDump } from "../hex_dump.ts";
import type { Step } from "../wire/step.ts";

/** The handshake that is shown. */
export class HandshakePanel {
  readonly #rows: HTMLElement = byId("steps");
  #steps: Step[] = [];
  #startedAt = 0;

  /** Its steps so far. */
  get steps(): readonly Step[] {
    return this.#steps;
  }

  /** Whether the server answered at all. */
  get answered(): boolean {
    return this.#steps.some(({ direction }) => direction === "received");
  }

  /** Clears the previous handshake. */
  clear(): void {
    this.#steps = [];
    this.#rows.replaceChildren();
    byId("agreed").replaceChildren();
    byId("handshake").dataset.state = "empty";
  }

  /** Sets the time when the WebSocket was open, from which steps are counted. */
  begin(startedAt: number): void {
    this.#startedAt = startedAt;
  }

  /** Shows one more step, and redraws the bars, since the last step is the end of their scale. */
  add(step: Step): void {
    byId("handshake").dataset.state = "filled";
    this.#steps.push(step);
    this.#rows.append(this.#row(step, this.#steps.length));
    const end = step.at - this.#startedAt;
    for (const [index, row] of [...this.#rows.children].entries()) {
      const from = index === 0 ? 0 : this.#steps[index - 1].at - this.#startedAt;
      row.querySelector(".timeline")?.replaceWith(bar(from, this.#steps[index].at - this.#startedAt, end));
    }
    this.#total();
  }

  /** Shows what the handshake negotiated. */
  agreed(info: ChannelInfo): void {
    const { protocol, group, signatureScheme, cipherSuite, keyBits, compression, authenticated } = info;
    const facts: readonly (readonly [string, string])[] = [
      ["Protocol", protocol],
      ...(group ? [["Group", group] as const] : []),
      ...(signatureScheme ? [["Signature", signatureScheme] as const] : []),
      ["Cipher", keyBits === 0 ? "none" : `${cipherSuite} (${keyBits} bits)`],
      ["Compression", compression === "off" ? "none" : `each ${compression}`],
      ["Server", authenticated ? "authenticated" : "not authenticated"],
    ];
    byId("agreed").replaceChildren(
      ...facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, ...breakable(value)))),
    );
  }

  #row({ direction, at, name, note, bytes, opened, refusal }: Step, number: number): HTMLElement {
    const sent = direction === "sent";
    const row = h(
      "tr",
      { class: `step ${direction}`, "data-refusal": refusal },
      h("td", { class: "number" }, (at - this.#startedAt).toFixed(1)),
      h(
        "td",
        { class: "way" },
        h("span", { "aria-hidden": "true" }, sent ? "→" : "←"),
        unseen(sent ? "client to server" : "server to client"),
      ),
      h(
        "td",
        { class: "what" },
        h("details", {}, h("summary", {}, ...breakable(name)), ...dumps(bytes, opened)),
        h("p", { class: "note" }, ...breakable(note)),
      ),
      h("td", { class: "number" }, bytes.length.toLocaleString("en")),
      h("td", { class: "when" }, svg("svg", { class: "timeline" })),
    );
    row.style.animationDelay = `${number * 70}ms`;
    return row;
  }

  #total(): void {
    const count = (direction: Step["direction"]) =>
      this.#steps.reduce((sum, step) => step.direction === direction ? sum + step.bytes.length : sum, 0);
    const [sent, received] = [count("sent"), count("received")];
    const took = this.#steps[this.#steps.length - 1].at - this.#startedAt;
    byId("handshake-total").textContent = `${bytesText(sent + received)} in ${millisecondsText(took)}: ` +
      `${sent.toLocaleString("en")} to the server, ${received.toLocaleString("en")} back`;
  }
}

/** The bytes on the wire and, if they were encrypted, the decrypted message. */
function dumps(bytes: Uint8Array, opened: Uint8Array | undefined): HTMLElement[] {
  if (opened === undefined) return [hexDump(bytes)];
  return [
    h("p", { class: "note" }, "What an eavesdropper sees:"),
    hexDump(bytes),
    h("p", { class: "note" }, "The message, decrypted with this client's key log:"),
    hexDump(opened),
  ];
}

/** The time that passed before a step, on a scale of the whole handshake. */
function bar(from: number, to: number, end: number): SVGElement {
  const scale = 100 / Math.max(end, 0.001);
  const width = Math.max((to - from) * scale, 1);
  return svg(
    "svg",
    { class: "timeline", viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("rect", { x: Math.min(from * scale, 99), y: 0, width, height: 8, rx: 1 }),
  );
}
