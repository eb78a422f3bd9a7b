/** TLS 1.2 and TLS 1.3 side by side. */
import { breakable, byId, h } from "../dom.ts";
import { DIFFERENCES, type SeenHandshake, type Version } from "../versions.ts";

const VERSIONS: readonly Version[] = ["TLS 1.2", "TLS 1.3"];

/** The comparison, with the last handshake of each version. */
export class VersionsPanel {
  readonly #seen: Map<string, SeenHandshake> = new Map();

  constructor() {
    this.#draw();
  }

  /** Shows a handshake in the column of its version; one that is not TLS has none. */
  show(handshake: SeenHandshake): void {
    this.#seen.set(handshake.info.protocol, handshake);
    this.#draw();
  }

  #draw(): void {
    byId("differences").replaceChildren(...DIFFERENCES.map(({ name, expected, seen }) =>
      h(
        "tr",
        {},
        h("th", { scope: "row" }, name),
        ...VERSIONS.map((version) => {
          const handshake = this.#seen.get(version);
          return handshake
            ? h("td", { class: "seen" }, ...breakable(seen(handshake)))
            : h("td", {}, expected[version]);
        }),
      )
    ));
  }
}
