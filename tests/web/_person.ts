/** The actions of a user on the page, and the text that the user reads. */
import { assert } from "../_kit/mod.ts";
import { until } from "../_kit/until.ts";
import type { BrowserPage } from "./_browser_page.ts";

/** One row of the handshake. */
export interface ShownStep {
  readonly milliseconds: number;
  readonly way: string;
  readonly name: string;
  readonly bytes: number;
}

/** A message on the page. */
export interface ShownMessage {
  readonly plain: string;
  readonly badge: string;
  /** The readable characters of the dump, in the order of the bytes. */
  readonly text: string;
  /** Its bytes in hexadecimal. */
  readonly hex: string;
}

/** A user of the page. */
export class Person {
  readonly page: BrowserPage;

  constructor(page: BrowserPage) {
    this.page = page;
  }

  /** Opens the page, and records violations of the content security policy. */
  async open(url: string): Promise<void> {
    await this.page.open(url);
    await this.page.evaluate(`void (globalThis.stopped = [],
      addEventListener("securitypolicyviolation", ({ violatedDirective }) => stopped.push(violatedDirective)))`);
    await this.until(`document.querySelectorAll(".setting").length > 0`);
  }

  /** The violations of the content security policy. */
  violations(): Promise<string[]> {
    return this.page.evaluate("globalThis.stopped");
  }

  /** Chooses a setting, tries to connect, and returns the result. The default key exchange is the first of the list. */
  async connect(setting: string, knowledge: string = "right", exchange?: string): Promise<string> {
    await this.page.evaluate(`void (document.querySelector("#options").open = true)`);
    await this.page.click(`input[value="${setting}"]`);
    await this.#select("#knowledge", knowledge);
    if (exchange !== undefined) await this.#select("#exchange", exchange);
    await this.page.click("#connect .primary");
    await this.until(
      `["connected", "unproven", "ended"].includes(document.querySelector("#status").dataset.state)`,
    );
    return await this.text("#status");
  }

  async #select(selector: string, value: string): Promise<void> {
    await this.page.evaluate(
      `void (document.querySelector(${JSON.stringify(selector)}).value = ${JSON.stringify(value)})`,
    );
  }

  /** The steps of the handshake. */
  steps(): Promise<ShownStep[]> {
    return this.page.evaluate(`[...document.querySelectorAll(".step")].map(({ cells }) => ({
      milliseconds: Number(cells[0].textContent),
      way: cells[1].querySelector(".unseen").textContent,
      name: cells[2].querySelector("summary").textContent,
      bytes: Number(cells[3].textContent.replace(",", "")),
    }))`);
  }

  /** Sends a message, and waits for it to come back. */
  async say(text: string): Promise<ShownMessage[]> {
    const before = await this.page.evaluate<number>(`document.querySelectorAll(".exchange").length`);
    await this.page.type("#message", text);
    await this.page.click("#compose .primary");
    await this.until(`document.querySelectorAll(".exchange").length === ${before + 1}`);
    return await this.page.evaluate(`(() => {
      const texts = (pair, name) =>
        [...pair.querySelectorAll(".row")].flatMap((row) => [...row.querySelectorAll(name)])
          .map(({ textContent }) => textContent);
      return [...document.querySelector(".exchange").querySelectorAll(".pair")].map((pair) => ({
        plain: pair.querySelector(".plain .text").textContent,
        badge: pair.querySelector(".badge").textContent,
        text: texts(pair, ":scope > .text").join(""),
        hex: texts(pair, ":scope > .hex").join(" ").replaceAll(" ", ""),
      }));
    })()`);
  }

  /** Sends a file, waits for the server's receipt, and returns the page's text about it. */
  async sendFile(path: string): Promise<string> {
    await this.page.pick("#file", path);
    await this.until(`document.querySelector(".file .note.passed, .file .note.failed") !== null`);
    assert.equal(await this.page.evaluate(`document.querySelector(".file progress").value`), 100);
    return await this.text(".file");
  }

  /** Returns the comparison of TLS 1.2 and TLS 1.3. */
  differences(): Promise<Record<string, [tls12: string, tls13: string]>> {
    return this.page.evaluate(`Object.fromEntries([...document.querySelectorAll("#differences tr")].map(
      ({ cells: [name, ...versions] }) => [name.textContent, versions.map(({ textContent }) => textContent)],
    ))`);
  }

  /** Waits for the sample that was sent in every setting. Returns its size on the wire, in per cent. */
  async traffic(): Promise<Record<string, number>> {
    await this.until(`document.querySelector("#compare-status").textContent === "Sent in every setting."`);
    return await this.page.evaluate(`Object.fromEntries([...document.querySelectorAll("[data-setting]")].map(
      (row) => [row.dataset.setting, parseFloat(row.querySelector(".traffic-ratio").textContent)],
    ))`);
  }

  /** Returns the text of an element, with single spaces between its parts, including text only for screen readers. */
  text(selector: string): Promise<string> {
    return this.page.evaluate(
      `document.querySelector(${
        JSON.stringify(selector)
      }).innerText.replace(/\\s+/g, " ").replaceAll(" ,", ",").trim()`,
    );
  }

  /** Waits until an expression holds. */
  async until(expression: string): Promise<void> {
    await until(() => this.page.evaluate(expression), {
      about: () => `${expression}\n${this.page.complaints.join("\n")}`,
    });
  }
}
