/** The root certificates that the system trusts. */

import { fromUtf8 } from "../bytes.ts";
import { decodePem } from "../asn1/mod.ts";
import { attempt } from "../errors.ts";
import { Certificate } from "./certificate/certificate.ts";

/** The files in which systems keep their roots, as one PEM text. */
const FILES = [
  "/etc/ssl/certs/ca-certificates.crt", // Debian, Ubuntu, Arch, Alpine
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // Fedora, RHEL
  "/etc/pki/tls/certs/ca-bundle.crt", // older Fedora and RHEL
  "/etc/ssl/ca-bundle.pem", // openSUSE
  "/etc/ssl/cert.pem", // Alpine, macOS, OpenBSD
  "/usr/local/share/certs/ca-root-nss.crt", // FreeBSD
];

/** The parts of Node's modules that are used here; Deno and Bun have them too. */
interface Modules {
  "node:fs": { readFileSync(path: string): Uint8Array };
  "node:tls": { getCACertificates?(type: "system"): string[]; readonly rootCertificates?: readonly string[] };
}

interface Process {
  readonly env: Readonly<Record<string, string | undefined>>;
  getBuiltinModule?<K extends keyof Modules>(name: K): Modules[K] | undefined;
}

let known: readonly Certificate[] | undefined;

/**
 * Returns the root certificates that the system trusts. They come from the first of these sources that has at least one:
 *
 * 1. the file that the environment variable `SSL_CERT_FILE` names;
 * 2. the system's store, if the runtime reads it (`getCACertificates` of Node 22.19 and later, Deno and Bun);
 * 3. the file in which Linux, macOS and BSD systems keep them;
 * 4. the roots that the runtime ships.
 *
 * The roots are read only once. Certificates that cannot be parsed are left out.
 *
 * @throws {TypeError} If no roots can be read, as in a browser or without permission to read files, or if the file that
 * `SSL_CERT_FILE` names has none.
 *
 * @example
 * ```ts ignore
 * import { parseCertificates, systemRoots, verifyCertificate } from "@fesa/channel/x509";
 *
 * function check(chainPem: string, serverName: string): void {
 *   verifyCertificate(parseCertificates(chainPem), { roots: systemRoots(), serverName });
 * }
 * ```
 */
export function systemRoots(): readonly Certificate[] {
  return known ??= findRoots();
}

function findRoots(): Certificate[] {
  const { process } = globalThis as { process?: Process };
  const fs = process?.getBuiltinModule?.("node:fs");
  if (process === undefined || fs === undefined) {
    throw new TypeError("a page cannot read the roots of its browser: pass the root certificates");
  }
  const named = unlessFailing(() => process.env.SSL_CERT_FILE);
  if (named !== undefined) {
    const roots = readable(unlessFailing(() => fromUtf8(fs.readFileSync(named))) ?? "");
    if (roots.length === 0) {
      throw new TypeError(`SSL_CERT_FILE, ${named}, contains no certificate that can be read`);
    }
    return roots;
  }
  const tls = process.getBuiltinModule?.("node:tls");
  const sources = [
    () => tls?.getCACertificates?.("system").join("\n"),
    ...FILES.map((path) => () => fromUtf8(fs.readFileSync(path))),
    () => tls?.rootCertificates?.join("\n"),
  ];
  for (const source of sources) {
    const roots = readable(unlessFailing(source) ?? "");
    if (roots.length > 0) return roots;
  }
  throw new TypeError("this system has no roots that can be read: pass the root certificates");
}

/** Returns the result of `source`; undefined if it throws, as for a missing file or without permission. */
function unlessFailing<T>(source: () => T): T | undefined {
  try {
    return source();
  } catch {
    return undefined;
  }
}

/** Returns those certificates of a PEM text that can be parsed. Systems ship some malformed ones. */
function readable(pem: string): Certificate[] {
  const blocks = (attempt(() => decodePem(pem)) ?? []).filter(({ label }) => label === "CERTIFICATE");
  return blocks.flatMap(({ bytes }) => attempt(() => new Certificate(bytes)) ?? []);
}
