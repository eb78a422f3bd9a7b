/** Renews a certificate while the server runs: when the CA suggests it, and after failures at growing intervals. */

import { AcmeError, type Renewal } from "../../acme/mod.ts";
import type { Certificate } from "../../x509/mod.ts";
import { errorLine, type Io } from "../command.ts";
import { day } from "../credentials/describe.ts";
import { type CertificateFiles, keepCertificate, validCertificate } from "./certificate.ts";
import type { AcmeConfig } from "./config.ts";
import type { Serving } from "./solver.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** The kind of a new key. */
const KEY_TYPE = "p256";

/** A certificate in files that is renewed in time. */
export class RenewedCertificate {
  readonly #config: AcmeConfig;
  readonly #files: CertificateFiles;
  readonly #io: Io;
  /** When the CA is asked for the first time. */
  readonly #next: number;

  private constructor(config: AcmeConfig, files: CertificateFiles, next: number, io: Io) {
    this.#config = config;
    this.#files = files;
    this.#next = next;
    this.#io = io;
  }

  /** Gets the certificate if it is missing. A valid one is used at once, even if the CA suggests renewal. */
  static async get(config: AcmeConfig, files: CertificateFiles, io: Io): Promise<RenewedCertificate> {
    const present = await validCertificate(config, files);
    const { certificate, next } = present === undefined
      ? await newCertificate(config, files, io)
      : { certificate: present, next: Date.now() };
    const state = present === undefined ? "a new certificate" : "current";
    await io.stderr.write(`${files.certificate}: ${state}, until ${day(certificate.notAfter)}\n`);
    return new RenewedCertificate(config, files, next, io);
  }

  /** Keeps renewing until the signal fires; `onRenewed` puts the new certificate to use. Never rejects. */
  async renew(serving: Serving, onRenewed: () => Promise<void>): Promise<void> {
    let failures = 0;
    let next = this.#next;
    while (await sleepUntil(next, this.#io.signal)) {
      try {
        const options = { keyType: KEY_TYPE, serving } as const;
        const kept = await keepCertificate(this.#config, this.#files, options, this.#io);
        if (kept.isNew) await onRenewed();
        failures = 0;
        next = timeOf(kept.renewal);
      } catch (error) {
        if (this.#io.signal.aborted) return;
        next = timeAfterFailure(++failures, error);
        const when = new Date(next).toISOString().slice(0, 16).replace("T", " ");
        await this.#io.stderr
          .write(`the certificate was not renewed: ${errorLine(error)}; next try ${when} UTC\n`)
          .catch(() => {});
      }
    }
  }
}

async function newCertificate(
  config: AcmeConfig,
  files: CertificateFiles,
  io: Io,
): Promise<{ readonly certificate: Certificate; readonly next: number }> {
  const { certificate, renewal } = await keepCertificate(config, files, { keyType: KEY_TYPE }, io);
  return { certificate, next: timeOf(renewal) };
}

/** The next time to act: when renewal is due, or when the CA wants to be asked again. */
function timeOf({ at, askAgain = at }: Renewal): number {
  return Math.max(Math.min(at.getTime(), askAgain.getTime()), Date.now() + MINUTE);
}

/** The time of the next try, not before the CA allows it. The pause doubles from a minute to a day; half of it is random. */
function timeAfterFailure(failures: number, error: unknown): number {
  const pause = Math.min(MINUTE * 2 ** (failures - 1), DAY) * (1 + Math.random()) / 2;
  const allowed = error instanceof AcmeError ? error.retryAfter?.getTime() ?? 0 : 0;
  return Math.max(Date.now() + pause, Math.min(allowed, Date.now() + DAY));
}

/** Waits, in steps short enough for a timer; resolves to false if the signal fires first. */
async function sleepUntil(time: number, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted && Date.now() < time) {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, Math.min(time - Date.now(), DAY));
      function done() {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      }
      signal.addEventListener("abort", done, { once: true });
    });
  }
  return !signal.aborted;
}
