/** Payload against bytes on the wire, for each setting, over all that this page has sent and received. */
import type { Channel } from "@fesa/channel";
import { CHOICES } from "../choices.ts";
import { byId, h, svg } from "../dom.ts";
import { sizeText } from "../format.ts";

/** Counts the bytes of each setting, and draws them. */
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

  /** Redraws before the next frame, once for many changes. */
  changed(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    this.#drawing = false;
    const rows = CHOICES.map(({ id, name }) => ({ id, name, ...totalOf(this.#channels.get(id) ?? []) }));
    const scale = Math.max(...rows.flatMap(({ payload, wire }) => [payload, wire]));
    byId("chart").replaceChildren(
      ...rows.map((row) => bars(row, scale)),
      ...(scale > 0 ? [axis(scale)] : []),
    );
  }
}

/** Bytes of messages, and the bytes that they took on the wire. */
interface Total {
  readonly payload: number;
  readonly wire: number;
}

function totalOf(channels: readonly Channel[]): Total {
  let [payload, wire] = [0, 0];
  for (const { stats, info: { handshake } } of channels) {
    payload += stats.payloadSent + stats.payloadReceived;
    wire += stats.wireSent + stats.wireReceived - handshake.sent - handshake.received;
  }
  return { payload, wire };
}

/** A setting with its two bars; `scale` is how many bytes fill the width. */
function bars(
  { id, name, payload, wire }: Total & { readonly id: string; readonly name: string },
  scale: number,
): HTMLElement {
  const used = payload > 0;
  return h(
    "li",
    { class: "traffic-row", "data-setting": id, "data-used": used },
    h("span", { class: "traffic-name" }, name),
    ...(used
      ? [
        chart(payload / scale, wire / scale),
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

/** Both ends of the scale, below the bars. */
function axis(scale: number): HTMLElement {
  return h(
    "li",
    { class: "traffic-row axis", "aria-hidden": "true" },
    h("span", { class: "scale" }, h("span", {}, "0"), h("span", {}, sizeText(scale))),
    h("span", { class: "traffic-ratio" }),
  );
}

function chart(payload: number, wire: number): SVGElement {
  const bar = (kind: string, y: number, share: number) =>
    svg("rect", { class: kind, x: 0, y, width: 100 * share, height: 7 });
  return svg(
    "svg",
    { class: "bars", viewBox: "0 0 100 18", preserveAspectRatio: "none", "aria-hidden": "true" },
    bar("payload", 1, payload),
    bar("on-wire", 10, wire),
  );
}

/** `14.8 %`, `100.3 %`, or `7.8 ×` if it is far more. */
function ratioText(ratio: number): string {
  return ratio < 2 ? `${(ratio * 100).toFixed(1)} %` : `${ratio.toFixed(1)} ×`;
}
