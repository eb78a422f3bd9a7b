/** Who the server is, and what was verified about it. */
import { byId, h, unseen } from "../dom.ts";
import type { Check, Identity, ShownCertificate } from "../identity.ts";

const OUTCOMES = {
  passed: ["✓", "passed"],
  failed: ["✕", "failed"],
  open: ["–", "not checked"],
} as const;

/** Shows an identity instead of the previous one. */
export function showIdentity({ title, verdict, trusted, certificates, facts, checks }: Identity): void {
  const panel = byId("server");
  panel.dataset.state = "filled";
  byId("identity").replaceChildren(
    h(
      "p",
      { class: "identity-title" },
      h("span", { class: "identity-name" }, title),
      h("span", { class: `badge ${trusted}` }, verdict),
    ),
    h("ul", { class: "checks" }, ...checks.map(checkItem)),
    ...(facts.length > 0 ? [factList(facts)] : []),
    ...(certificates.length > 0 ? [h("ol", { class: "chain" }, ...certificates.map(certificateItem))] : []),
  );
}

/** Clears the panel. */
export function clearIdentity(): void {
  byId("server").dataset.state = "empty";
  byId("identity").replaceChildren();
}

function checkItem({ outcome, name, detail }: Check): HTMLElement {
  const [mark, word] = OUTCOMES[outcome];
  return h(
    "li",
    { class: `check ${outcome}` },
    h("span", { class: "mark", "aria-hidden": "true" }, mark),
    h("div", {}, h("p", { class: "check-name" }, name, unseen(`, ${word}`)), h("p", {}, detail)),
  );
}

function certificateItem({ role, subject, facts, text }: ShownCertificate, index: number): HTMLElement {
  return h(
    "li",
    {},
    h(
      "details",
      { open: index === 0 },
      h("summary", {}, h("span", { class: "subject" }, subject), " ", h("span", { class: "role" }, role)),
      factList(facts),
      h("details", { class: "all" }, h("summary", {}, "Everything in it"), h("pre", {}, text)),
    ),
  );
}

function factList(facts: Identity["facts"]): HTMLElement {
  return h(
    "dl",
    { class: "facts" },
    ...facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
}
