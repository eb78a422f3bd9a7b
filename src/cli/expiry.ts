/** Certificates that expire soon are warned about in time. */

import type { Certificate } from "../x509/mod.ts";
import type { Io } from "./command.ts";
import { printable } from "./printable.ts";

const DAY = 86_400_000;

/** A certificate is renewed when so much of its lifetime is left, and then there are so many days at most to warn of. */
const PART_LEFT = 1 / 3;
const MOST_DAYS = 30;

/** Warns on standard error of each certificate that is valid, and of whose lifetime less than a third is left, or 30 days. */
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

/** Whether it is valid now, and it is time to renew it. */
export function expiresSoon(
  { notBefore, notAfter }: Pick<Certificate, "notBefore" | "notAfter">,
  now: number,
): boolean {
  const lifetime = notAfter.getTime() - notBefore.getTime();
  const left = notAfter.getTime() - now;
  return left >= 0 && left < Math.min(lifetime * PART_LEFT, MOST_DAYS * DAY);
}
