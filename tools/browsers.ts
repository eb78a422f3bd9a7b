/**
 * Starts browsers without a driver. Each opens one page with a new profile, and is ended with everything it started.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Program } from "./process.ts";
import { findProgram, type Runtime } from "./runtimes.ts";

/**
 * A host name that Chromium and Firefox resolve to 127.0.0.1 if started here. Unlike pages from 127.0.0.1 or localhost, a
 * page from this host over plain http is not a secure context, and so has no `crypto.subtle`.
 */
export const INSECURE_HOST = "fesa.test";

/** A browser that shows a page. */
export interface Browser extends AsyncDisposable {
  /** Resolves when the browser ends. */
  readonly exited: Promise<unknown>;
  /** The browser's standard output and error so far. */
  readonly output: string;
}

/** Opens a page in a new browser. */
export async function openBrowser(runtime: Runtime, url: string): Promise<Browser> {
  if (runtime.program === undefined) throw new Error(`this machine has no ${runtime.name}`);
  const profile = mkdtempSync(join(tmpdir(), `fesa-${runtime.name}-`));
  const display = runtime.family === "webkit" ? await openDisplay() : undefined;
  const { args, env } = commandLine(runtime, url, profile);
  const program = new Program(runtime.program, args, {
    cwd: profile,
    env: { ...env, ...(display && { DISPLAY: `:${await display.address}` }) },
  });
  return {
    exited: program.exited,
    get output() {
      return program.output;
    },
    async [Symbol.asyncDispose]() {
      await program[Symbol.asyncDispose]();
      await display?.[Symbol.asyncDispose]();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function commandLine(
  { family }: Runtime,
  url: string,
  profile: string,
): { args: readonly string[]; env?: Readonly<Record<string, string>> } {
  switch (family) {
    case "chromium":
      return { args: [...CHROMIUM_ARGUMENTS, `--user-data-dir=${profile}`, url] };
    case "firefox":
      writeFileSync(join(profile, "user.js"), FIREFOX_PREFERENCES);
      return { args: ["-headless", "-no-remote", "-profile", profile, url], env: { HOME: profile } };
    case "webkit": {
      const folders = ["HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"];
      return { args: [url], env: Object.fromEntries(folders.map((name) => [name, profile])) };
    }
    default:
      throw new TypeError(`${family} is not a browser`);
  }
}

/**
 * Chromium's arguments. It has no sandbox, because that needs rights that are missing in containers and for root; only this
 * project's pages are opened.
 */
export const CHROMIUM_ARGUMENTS: readonly string[] = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  `--host-resolver-rules=MAP ${INSECURE_HOST} 127.0.0.1`,
];

/** Preferences that prevent network requests by the browser itself, and questions to the user. */
const FIREFOX_PREFERENCES = Object.entries({
  "network.dns.localDomains": INSECURE_HOST,
  "browser.shell.checkDefaultBrowser": false,
  "browser.aboutwelcome.enabled": false,
  "browser.safebrowsing.malware.enabled": false,
  "browser.safebrowsing.phishing.enabled": false,
  "browser.search.update": false,
  "app.normandy.enabled": false,
  "app.update.enabled": false,
  "datareporting.healthreport.uploadEnabled": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "extensions.update.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "services.settings.server": "data:,",
  "toolkit.telemetry.enabled": false,
}).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`).join("");

/** Starts a display for a browser that needs one; its address is the display's number. */
export async function openDisplay(): Promise<Program> {
  const program = findProgram("Xvfb");
  if (program === undefined) throw new Error("this machine has no Xvfb");
  const display = new Program(program, [
    "-displayfd",
    "3",
    "-screen",
    "0",
    "1280x1024x24",
    "-nolisten",
    "tcp",
  ]);
  await display.address;
  return display;
}
