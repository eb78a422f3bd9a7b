/** Warns of certificates that expire soon. */

import type { Certificate } from "../../x509/mod.ts";
import type { Io } from "../command.ts";
import { printable } from "../../printable.ts";

const DAY = 86_400_000;

/** A certificate expires soon if less than this share of its lifetime, and less than this many days, are left. */
const PART_LEFT = 1 / 3;
const MOST_DAYS = 30;

/** Warns on standard error of each valid certificate that has less than a third of its lifetime, and less than 30 days, left. */
export async function warnOfExpiry(certificates: readonly Certificate[], io: Io): Promise<void> {
  const now = Date.now();
  for (const certificate of certificates) {
    if (!expiresSoon(certificate, now)) continue;
    const days = Math.floor((certificate.notAfter.getTime() - now) / DAY);
    const name = printable(String(certificate.subject)) || certificate.pin;
    const left = days === 1 ? "1 day" : `${days} days`;
    await io.stderr.write(`warning: the certificate of ${name} expires in ${left}\n`);
  }
}

/** Whether a certificate is valid now and expires soon. */
export function expiresSoon(
  { notBefore, notAfter }: Pick<Certificate, "notBefore" | "notAfter">,
  now: number,
): boolean {
  const lifetime = notAfter.getTime() - notBefore.getTime();
  const left = notAfter.getTime() - now;
  return left >= 0 && left < Math.min(lifetime * PART_LEFT, MOST_DAYS * DAY);
}
