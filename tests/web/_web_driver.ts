/**
 * Drives a page in WebKit with WebDriver (W3C, https://www.w3.org/TR/webdriver2/), whose commands are HTTP requests with
 * JSON.
 */
import { Program } from "../../tools/process.ts";
import { freePort } from "../_kit/peer.ts";
import { PATIENCE, until } from "../_kit/until.ts";
import type { BrowserPage } from "./_browser_page.ts";

/** The key of an element reference in JSON (section 12). */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

/** A page in WebKitGTK's small browser. */
export class WebDriverPage implements BrowserPage {
  readonly #driver: Program;
  readonly #display: AsyncDisposable;
  readonly #base: string;
  /** It tells none. */
  readonly complaints: readonly string[] = [];
  #session = "";

  private constructor(driver: Program, display: AsyncDisposable, port: number) {
    this.#driver = driver;
    this.#display = display;
    this.#base = `http://127.0.0.1:${port}/session`;
  }

  /** Starts the driver, which starts the browser on this display. */
  static async launch(
    binary: string,
    displayNumber: string,
    display: AsyncDisposable,
  ): Promise<WebDriverPage> {
    const port = await freePort();
    const driver = new Program("WebKitWebDriver", [`--port=${port}`, "--host=127.0.0.1"], {
      env: { DISPLAY: `:${displayNumber}` },
    });
    const page = new WebDriverPage(driver, display, port);
    try {
      await page.#begin(binary);
      return page;
    } catch (error) {
      await page[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #begin(binary: string): Promise<void> {
    const capabilities = {
      alwaysMatch: {
        timeouts: { script: PATIENCE, pageLoad: PATIENCE }, // milliseconds
        "webkitgtk:browserOptions": { binary, args: ["--automation"] },
      },
    };
    const { sessionId } = await until(
      () => this.#command<{ sessionId: string }>("POST", "", { capabilities }), // once it listens
      { about: () => this.#driver.output },
    );
    this.#session = `/${sessionId}`;
  }

  async open(url: string): Promise<void> {
    await this.#command("POST", "/url", { url });
  }

  evaluate<T>(expression: string): Promise<T> {
    return this.#command<T>("POST", "/execute/sync", { script: `return (${expression});`, args: [] });
  }

  async click(selector: string): Promise<void> {
    await this.#command("POST", `/element/${await this.#find(selector)}/click`, {});
  }

  async type(selector: string, text: string): Promise<void> {
    await this.#command("POST", `/element/${await this.#find(selector)}/value`, { text });
  }

  /** Typing into a file input selects the file (section 12.5.3). */
  pick(selector: string, path: string): Promise<void> {
    return this.type(selector, path);
  }

  async #find(selector: string): Promise<string> {
    const found = await this.#command<Record<string, string>>("POST", "/element", {
      using: "css selector",
      value: selector,
    });
    return found[ELEMENT];
  }

  async #command<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.#base}${this.#session}${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const { value } = await response.json() as { value: T & { message?: string } };
    if (!response.ok) throw new Error(`${path}: ${value.message}`);
    return value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#session !== "") await this.#command("DELETE", "");
    await this.#driver[Symbol.asyncDispose]();
    await this.#display[Symbol.asyncDispose]();
  }
}
