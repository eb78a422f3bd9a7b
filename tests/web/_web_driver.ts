/** A page in WebKit, by WebDriver (W3C, https://www.w3.org/TR/webdriver2/), whose commands are HTTP requests with JSON. */
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { Program } from "../../tools/process.ts";
import type { BrowserPage } from "./_browser_page.ts";

/** How an element is named in JSON (section 12). */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

/** Milliseconds that the driver has to listen. */
const START_TIMEOUT = 10_000;

/** A page in WebKitGTK's small browser. */
export class WebDriverPage implements BrowserPage {
  readonly #driver: Program;
  readonly #display: AsyncDisposable;
  readonly #base: string;
  #session = "";

  private constructor(driver: Program, display: AsyncDisposable, port: number) {
    this.#driver = driver;
    this.#display = display;
    this.#base = `http://127.0.0.1:${port}/session`;
  }

  /** Starts the driver, and by it the browser on that display. */
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
      alwaysMatch: { "webkitgtk:browserOptions": { binary, args: ["--automation"] } },
    };
    const { sessionId } = await this.#whenListening(() =>
      this.#command<{ sessionId: string }>("POST", "", { capabilities })
    );
    this.#session = `/${sessionId}`;
  }

  async #whenListening<T>(command: () => Promise<T>): Promise<T> {
    for (const end = performance.now() + START_TIMEOUT;;) {
      try {
        return await command();
      } catch (error) {
        if (!(error instanceof TypeError) || performance.now() > end) throw error; // fetch found nobody there
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
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

  /** Typing into such an element picks the file (section 12.5.3). */
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

/** A port that nobody listens on: the driver does not tell which one it took. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
