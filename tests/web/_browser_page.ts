/** One page in its own browser, with the same interface for every browser. */
import puppeteer, { type Browser, type ElementHandle, type LaunchOptions, type Page } from "puppeteer-core";
import { CHROMIUM_ARGUMENTS, INSECURE_HOST, openDisplay } from "../../tools/browsers.ts";
import type { Program } from "../../tools/process.ts";
import { RUNTIMES } from "../../tools/runtimes.ts";
import { PATIENCE, until } from "../_kit/until.ts";
import { WebDriverPage } from "./_web_driver.ts";

/** The operations of tests on a page. Selectors are CSS, expressions are JavaScript. */
export interface BrowserPage extends AsyncDisposable {
  open(url: string): Promise<void>;
  /** Returns the value of an expression, which must be representable in JSON. */
  evaluate<T>(expression: string): Promise<T>;
  click(selector: string): Promise<void>;
  type(selector: string, text: string): Promise<void>;
  /** Picks a file in an `<input type="file">`. */
  pick(selector: string, path: string): Promise<void>;
  /** What the console and the page's scripts complained about, where the browser tells. */
  readonly complaints: readonly string[];
}

export type BrowserName = "chromium" | "firefox" | "webkit";

/** Opens a browser with an empty page. */
export async function openPage(name: BrowserName): Promise<BrowserPage> {
  if (name !== "webkit") return await PuppeteerPage.launch(name);
  const display: Program = await openDisplay();
  return await WebDriverPage.launch(programOf(name), await display.address, display);
}

/** Waits until an element shows what is expected, and returns its text, the parts set apart by single spaces. */
export async function shown(page: BrowserPage, selector: string, pattern: RegExp): Promise<string> {
  const text = `document.querySelector(${JSON.stringify(selector)})?.innerText?.replace(/\\s+/g, " ") ?? ""`;
  return await until(() => page.evaluate<string>(text), {
    holds: (text) => pattern.test(text),
    about: () => `${pattern} is not in ${selector}. Complaints: ${page.complaints.join("\n")}`,
  });
}

function programOf(name: BrowserName): string {
  const program = RUNTIMES.find((runtime) => runtime.name === name)?.program;
  if (program === undefined) throw new Error(`this machine has no ${name}`);
  return program;
}

/** Chromium by its own protocol, or Firefox by WebDriver BiDi. */
export class PuppeteerPage implements BrowserPage {
  readonly #browser: Browser;
  /** Operations that only one browser supports. */
  readonly page: Page;
  readonly complaints: string[] = [];

  private constructor(browser: Browser, page: Page) {
    this.#browser = browser;
    this.page = page;
    page.setDefaultTimeout(PATIENCE);
    page.on("console", (message) => {
      if (["error", "warn"].includes(message.type())) this.complaints.push(message.text());
    });
    page.on("pageerror", (error) => this.complaints.push(String(error)));
  }

  /**
   * Starts the browser without a window. With `acceptInsecureCerts` it accepts any certificate; `env` may set another home
   * directory.
   */
  static async launch(
    name: "chromium" | "firefox",
    more: Pick<LaunchOptions, "acceptInsecureCerts" | "env"> = {},
  ): Promise<PuppeteerPage> {
    const executablePath = programOf(name);
    const options: LaunchOptions = name === "chromium"
      ? { args: [...CHROMIUM_ARGUMENTS] }
      : { browser: "firefox", extraPrefsFirefox: { "network.dns.localDomains": INSECURE_HOST } };
    const browser = await puppeteer.launch({
      ...options,
      ...more,
      executablePath,
      headless: true,
      timeout: PATIENCE,
    });
    return new PuppeteerPage(browser, await browser.newPage());
  }

  async open(url: string): Promise<void> {
    await this.page.goto(url, { waitUntil: "load" });
  }

  evaluate<T>(expression: string): Promise<T> {
    return this.page.evaluate(expression) as Promise<T>;
  }

  async click(selector: string): Promise<void> {
    await this.page.click(selector);
  }

  async type(selector: string, text: string): Promise<void> {
    await this.page.type(selector, text);
  }

  async pick(selector: string, path: string): Promise<void> {
    const input = await this.page.$(selector) as ElementHandle<HTMLInputElement>;
    await input.uploadFile(path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}
