/** The form: chooses a setting, connects, and shows the result. */
import { CertificateError, ChannelError } from "@fesa/channel";
import { type Choice, CHOICES, type Knowledge } from "../choices.ts";
import { byId, h } from "../dom.ts";
import type { Exchange } from "../exchanges.ts";
import type { Chosen } from "../observed.ts";

const form = byId<HTMLFormElement>("connect");
const exchangeSelect = byId<HTMLSelectElement>("exchange");
const options = byId<HTMLDetailsElement>("options");
const knowledgeSelect = byId<HTMLSelectElement>("knowledge");
const connectButton = byId<HTMLButtonElement>("connect-button");
const disconnectButton = byId<HTMLButtonElement>("disconnect");

/** Whether the options are above the result, and may be folded. */
const narrow = matchMedia("(max-width: 40rem)");

/** Fills the form, and calls back when a person connects or disconnects. */
export function startConnectPanel(connect: (chosen: Chosen) => void, disconnect: () => void): void {
  byId("settings").append(...CHOICES.map(settingRadio));
  form.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement) showOptions();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    connect(chosen());
  });
  disconnectButton.addEventListener("click", disconnect);
  narrow.addEventListener("change", () => options.open ||= !narrow.matches);
  showOptions();
}

/** The state of the connection; `unproven` is connected to a server that was not authenticated. */
export type State = "idle" | "busy" | "connected" | "unproven" | "ended";

/** Shows the state, and announces it to screen readers. */
export function showState(state: State, text: string): void {
  const status = byId("status");
  status.dataset.state = state;
  status.textContent = text;
  const connected = state === "connected" || state === "unproven";
  connectButton.textContent = connected ? "Reconnect" : "Connect";
  if (!connected && document.activeElement === disconnectButton) connectButton.focus();
  disconnectButton.disabled = !connected;
  if (state !== "ended") byId("refusal").replaceChildren();
}

/** On a phone, folds the options and scrolls to the result. */
export function showResult(): void {
  if (!narrow.matches) return;
  options.open = false;
  form.scrollIntoView({ block: "start" });
}

/** Shows why there is no channel, or no channel any more. */
export function showRefusal(error: unknown): void {
  showState("ended", "Not connected.");
  byId("refusal").replaceChildren(
    h(
      "p",
      { class: "refusal-title" },
      isFailure(error) ? "Failed: " : "Refused: ",
      h("code", {}, codeOf(error)),
    ),
    h("p", {}, sentence(error)),
  );
}

/** Whether something failed, rather than one side refusing the other. */
function isFailure(error: unknown): boolean {
  return !(error instanceof ChannelError) || ["transport", "truncated", "timeout"].includes(error.code);
}

function codeOf(error: unknown): string {
  if (error instanceof CertificateError) return `${error.code} / ${error.reason}`;
  return error instanceof ChannelError ? error.code : "error";
}

function sentence(error: unknown): string {
  if (error instanceof ChannelError && error.code === "transport") {
    return `The server does not answer, or is gone: ${error.message}.`;
  }
  const message = error instanceof Error ? error.message : String(error);
  return `${message[0].toUpperCase()}${message.slice(1)}.`;
}

function chosen(): Chosen {
  const choice = chosenSetting();
  return {
    choice,
    exchange: choice.exchanges.find(({ id }) => id === exchangeSelect.value)!,
    knowledge: choice.knowledge.find(({ id }) => id === knowledgeSelect.value)!,
  };
}

function settingRadio({ id, name, summary }: Choice, index: number): HTMLElement {
  return h(
    "label",
    { class: "setting" },
    h("input", { type: "radio", name: "setting", value: id, checked: index === 0 }),
    h("span", { class: "setting-name" }, name),
    h("span", { class: "setting-summary" }, summary),
  );
}

function chosenSetting(): Choice {
  const setting = new FormData(form).get("setting");
  return CHOICES.find(({ id }) => id === setting)!;
}

/** Fills both lists with the options of the setting. */
function showOptions(): void {
  const { exchanges, knowledge } = chosenSetting();
  const option = ({ id, label }: Exchange | Knowledge) => h("option", { value: id }, label);
  exchangeSelect.replaceChildren(...exchanges.map(option));
  knowledgeSelect.replaceChildren(...knowledge.map(option));
}
