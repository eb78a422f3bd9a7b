/** How many bytes one sample takes on the wire in each setting, on one scale. */
import type { Channel } from "@fesa/channel";
import { CHOICES } from "../choices.ts";
import { byId, h, svg } from "../dom.ts";
import { sizeText } from "../format.ts";
import { sampleFile } from "../sample.ts";

/** The chart of the sample. */
export class TrafficPanel {
  readonly #channels: Map<string, Channel> = new Map();
  readonly #size: number = sampleFile().size;

  constructor() {
    byId("sample-size").textContent = sizeText(this.#size);
    this.draw();
  }

  /** Shows the channel that carries the sample in a setting. */
  follow(choice: string, channel: Channel): void {
    this.#channels.set(choice, channel);
    this.draw();
  }

  /** Draws it as the channels are now. */
  draw(): void {
    const scale = scaleFor(this.#size);
    const rows = CHOICES.map(({ id, name }) => {
      const channel = this.#channels.get(id);
      return channel === undefined ? emptyRow(id, name, scale) : fullRow(id, name, channel, scale);
    });
    byId("chart").replaceChildren(sampleRow(this.#size, scale), ...rows, axis(scale));
  }
}

/** The axis: its length in bytes, and how far its marks are apart. */
interface Scale {
  readonly end: number;
  readonly step: number;
}

/** A scale of four to ten steps, somewhat longer than the sample: encryption adds a little. */
function scaleFor(size: number): Scale {
  const decade = 10 ** Math.floor(Math.log10(size));
  const step = [decade / 5, decade / 2, decade].find((step) => size / step < 8)!;
  return { step, end: step * Math.ceil(1.02 * size / step) };
}

function sampleRow(size: number, scale: Scale): HTMLElement {
  return h(
    "li",
    { class: "traffic-row" },
    h("span", { class: "traffic-name" }, "the sample"),
    bar("payload", size, scale),
    h("span", { class: "traffic-size" }, sizeText(size)),
    h("span", { class: "traffic-ratio" }, "100 %"),
  );
}

/** A setting through which the sample goes, or went: what the client sent after the handshake. */
function fullRow(id: string, name: string, { stats, info }: Channel, scale: Scale): HTMLElement {
  const wire = stats.wireSent - info.handshake.sent;
  return h(
    "li",
    { class: "traffic-row", "data-setting": id },
    h("span", { class: "traffic-name" }, name),
    bar("on-wire", wire, scale),
    h("span", { class: "traffic-size" }, sizeText(wire)),
    h("span", { class: "traffic-ratio" }, `${(100 * wire / stats.payloadSent).toFixed(1)} %`),
  );
}

function emptyRow(id: string, name: string, scale: Scale): HTMLElement {
  return h(
    "li",
    { class: "traffic-row", "data-setting": id },
    h("span", { class: "traffic-name" }, name),
    bar("on-wire", 0, scale),
    h("span", { class: "traffic-size" }, "not sent yet"),
  );
}

/** A bar before the marks of the scale. */
function bar(kind: string, bytes: number, { end, step }: Scale): SVGElement {
  const marks = Array.from({ length: end / step }, (_, i) => {
    const x = 100 * (i + 1) * step / end;
    return svg("line", { class: "grid", x1: x, x2: x, y1: 0, y2: 10 });
  });
  return svg(
    "svg",
    { class: "bars", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
    ...marks,
    svg("rect", { class: kind, x: 0, y: 2, width: 100 * bytes / end, height: 6 }),
  );
}

/** The numbers of the scale, each at the end of its step. */
function axis({ end, step }: Scale): HTMLElement {
  const marks = Array.from({ length: end / step }, (_, i) => h("span", {}, `${(i + 1) * step / 1000}`));
  return h(
    "li",
    { class: "traffic-row axis", "aria-hidden": "true" },
    h("span", { class: "scale" }, ...marks),
    h("span", { class: "traffic-size" }, "kB on the wire"),
  );
}
