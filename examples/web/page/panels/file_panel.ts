/** Sends files that are dropped or picked, and shows their progress. */
import type { Connection } from "../connection.ts";
import { byId, h } from "../dom.ts";
import { sizeText } from "../format.ts";
import { sendFile } from "../send_file.ts";

const zone = byId("drop");
const picker = byId<HTMLInputElement>("file");

/** Calls back with each file that a person drops or picks. */
export function startFilePanel(send: (file: File) => void): void {
  picker.addEventListener("change", () => {
    for (const file of picker.files ?? []) send(file);
    picker.value = "";
  });
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    if (picker.matches(":disabled")) return;
    for (const file of event.dataTransfer?.files ?? []) send(file);
  });
}

/** Clears the files of the previous connection. */
export function clearFiles(): void {
  byId("files").replaceChildren();
}

/** Sends one file and shows its progress. */
export async function deliver(connection: Connection, file: File): Promise<void> {
  const { channel } = connection;
  const bar = h("progress", { max: 100, value: 0, "aria-label": `Sending ${file.name}` });
  const percent = h("span", { class: "percent" }, "0 %");
  const result = h("p", { class: "note", role: "status" }, "On its way.");
  byId("files").prepend(
    h(
      "li",
      { class: "file" },
      h(
        "p",
        { class: "file-title" },
        h("span", { class: "file-name" }, file.name),
        h("span", {}, sizeText(file.size)),
      ),
      h("div", { class: "file-bar" }, bar, percent),
      result,
    ),
  );

  const startedAt = performance.now();
  const wireBefore = channel.stats.wireSent;
  const show = (sent: number) => {
    bar.value = file.size === 0 ? 100 : 100 * sent / file.size;
    percent.textContent = `${Math.floor(bar.value)} %`;
  };
  try {
    const { sent, taken } = await sendFile(connection, file, show);
    show(file.size);
    const seconds = (performance.now() - startedAt) / 1000;
    result.replaceChildren(
      `${sizeText(channel.stats.wireSent - wireBefore)} on the wire in ${seconds.toFixed(2)} s. SHA-256 `,
      h("code", { class: "digest" }, taken),
      taken === sent ? ", the same at both ends." : `, but ${sent} was sent.`,
    );
    result.classList.add(taken === sent ? "passed" : "failed");
  } catch (error) {
    result.textContent = "It did not arrive.";
    result.classList.add("failed");
    throw error;
  }
}
