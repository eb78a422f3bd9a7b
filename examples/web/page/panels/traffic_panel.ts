/** Payload against bytes on the wire, for each setting, over everything that this page has sent and received. */
import type { Channel } from "@fesa/channel";
import { CHOICES } from "../choices.ts";
import { byId, h, svg } from "../dom.ts";
import { sizeText } from "../format.ts";

/** How much of the width the payload's bar takes, unless what took far more on the wire fills it. */
const PAYLOAD_LENGTH = 70;

/** Counts what passed, and draws it. */
export class TrafficPanel {
  readonly #channels: Map<string, Channel[]> = new Map();
  #drawing = false;

  constructor() {
    this.#draw();
  }

  /** Counts a channel from now on. */
  follow(choice: string, channel: Channel): void {
    this.#channels.set(choice, [...this.#channels.get(choice) ?? [], channel]);
    this.changed();
  }

  /** Draws soon: many changes make one drawing. */
  changed(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    this.#drawing = false;
    byId("chart").replaceChildren(
      ...CHOICES.map(({ id, name }) => bars(id, name, (this.#channels.get(id) ?? []).map(countsOf))),
    );
  }
}

/** Bytes of messages, and what they took on the wire; the handshake for itself. */
interface Counts {
  readonly payload: number;
  readonly wire: number;
  readonly handshake: number;
}

function countsOf({ stats, info: { handshake: { sent, received } } }: Channel): Counts {
  const handshake = sent + received;
  return {
    payload: stats.payloadSent + stats.payloadReceived,
    wire: stats.wireSent + stats.wireReceived - handshake,
    handshake,
  };
}

function bars(id: string, name: string, counts: readonly Counts[]): HTMLElement {
  const sum = (key: keyof Counts) => counts.reduce((total, count) => total + count[key], 0);
  const [payload, wire] = [sum("payload"), sum("wire")];
  const used = payload > 0;
  return h(
    "li",
    { class: "traffic-row", "data-setting": id, "data-used": used },
    h("span", { class: "traffic-name" }, name),
    ...(used
      ? [
        chart(wire / payload),
        h(
          "span",
          { class: "traffic-numbers" },
          `${sizeText(payload)} payload, ${sizeText(wire)} on the wire`,
        ),
        h("span", { class: "traffic-ratio" }, ratioText(wire / payload)),
      ]
      : [h("span", { class: "traffic-unused" }, "nothing sent yet")]),
  );
}

function chart(ratio: number): SVGElement {
  const bar = (kind: string, y: number, width: number) =>
    svg("rect", { class: kind, x: 0, y, width, height: 7, rx: 0.5 });
  const payload = Math.min(PAYLOAD_LENGTH, 100 / ratio);
  return svg(
    "svg",
    { class: "bars", viewBox: "0 0 100 18", preserveAspectRatio: "none", "aria-hidden": "true" },
    bar("payload", 1, payload),
    bar("on-wire", 10, payload * ratio),
  );
}

/** `14.8 %`, `100.3 %`, or where it is far more, `7.8 ×`. */
function ratioText(ratio: number): string {
  return ratio < 2 ? `${(ratio * 100).toFixed(1)} %` : `${ratio.toFixed(1)} ×`;
}
