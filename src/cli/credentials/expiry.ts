/** Warns of certificates that expire soon. */

import { defaultRenewalTime } from "../../acme/renewal.ts";
import type { Certificate } from "../../x509/mod.ts";
import type { Io } from "../command.ts";
import { printable } from "../../printable.ts";

const DAY = 86_400_000;

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

/** Whether a certificate has not expired, but its usual time to be renewed has come. */
export function expiresSoon(
  certificate: Pick<Certificate, "notBefore" | "notAfter">,
  now: number,
): boolean {
  return certificate.notAfter.getTime() >= now && defaultRenewalTime(certificate).getTime() < now;
}
