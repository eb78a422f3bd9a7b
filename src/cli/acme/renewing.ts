/** Renewal beside a server at work: when the CA says so, and again after a failure, less and less often. */

import { AcmeError, type Renewal } from "../../acme/mod.ts";
import { errorLine, type Io } from "../command.ts";
import { type CertificateFiles, keepCertificate } from "./certificate.ts";
import type { AcmeConfig } from "./config.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** The kind of a new key. */
const KEY_TYPE = "p256";

/** A certificate that is there, and is renewed in time. */
export class RenewedCertificate {
  readonly #config: AcmeConfig;
  readonly #files: CertificateFiles;
  readonly #io: Io;
  readonly #renewal: Renewal;

  private constructor(config: AcmeConfig, files: CertificateFiles, renewal: Renewal, io: Io) {
    this.#config = config;
    this.#files = files;
    this.#renewal = renewal;
    this.#io = io;
  }

  /** Gets the certificate if there is none yet, or if it is time for another. */
  static async get(config: AcmeConfig, files: CertificateFiles, io: Io): Promise<RenewedCertificate> {
    const { certificate, isNew, renewal } = await keepCertificate(config, files, { keyType: KEY_TYPE }, io);
    const until = certificate.notAfter.toISOString().slice(0, 10);
    await io.stderr.write(
      `${files.certificate}: ${isNew ? "a new certificate" : "current"}, until ${until}\n`,
    );
    return new RenewedCertificate(config, files, renewal, io);
  }

  /** Renews until the signal fires; `onRenewed` puts the new certificate to use. Never rejects. */
  async renew(onRenewed: () => Promise<void>): Promise<void> {
    let failures = 0;
    let next = timeOf(this.#renewal);
    while (await sleepUntil(next, this.#io.signal)) {
      try {
        const kept = await keepCertificate(this.#config, this.#files, { keyType: KEY_TYPE }, this.#io);
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

/** When something may have to be done: at the time to renew, or when the CA wants to be asked about that again. */
function timeOf({ at, askAgain = at }: Renewal): number {
  return Math.max(Math.min(at.getTime(), askAgain.getTime()), Date.now() + MINUTE);
}

/** After a minute, then twice as long each time up to a day, half of it at random; not before the CA allows it. */
function timeAfterFailure(failures: number, error: unknown): number {
  const pause = Math.min(MINUTE * 2 ** (failures - 1), DAY) * (1 + Math.random()) / 2;
  const allowed = error instanceof AcmeError ? error.retryAfter?.getTime() ?? 0 : 0;
  return Math.max(Date.now() + pause, Math.min(allowed, Date.now() + DAY));
}

/** Waits, in steps that a timer can take; resolves to false if the signal fires first. */
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
