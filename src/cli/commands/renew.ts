/** `fesa renew`: signs certificates of your own CA again before they expire. */

import {
  type Certificate,
  type CertificateAuthority,
  type CertificateProfile,
  issueCertificate,
} from "../../x509/mod.ts";
import { ID_KP_CLIENT_AUTH, ID_KP_SERVER_AUTH } from "../../x509/oids.ts";
import { type Command, printJson } from "../command.ts";
import { certificateJson } from "../credentials/describe.ts";
import { expiresSoon } from "../credentials/expiry.ts";
import { isIssuedBy, naming, readAuthority, readCertificates } from "../credentials/keys.ts";
import { PASSPHRASE_OPTION } from "../credentials/passphrase.ts";
import { writeNewFile } from "../files.ts";
import { ALLOW_WEAK_OPTION, CA_KEY_OPTION, CA_OPTION, JSON_OPTION, MAX_DAYS } from "../options.ts";

/** Signs certificates that expire soon again, for the same keys and names, and replaces each file. */
export const renew: Command = {
  name: "renew",
  summary: "renew certificates of your CA that expire soon, for the same keys and names",
  usage: ["[--ca ca/ca.pem] [--ca-key ca/ca-key.pem] [--days DAYS] [--all] certificate.pem…"],
  examples: ["certificate.pem", "--all certificates/*.pem"],
  options: {
    ca: CA_OPTION,
    "ca-key": CA_KEY_OPTION,
    days: {
      type: "string",
      value: "DAYS",
      help: "how long the certificates are valid; as long as before by default",
    },
    all: {
      type: "boolean",
      help: "also renew certificates with more than a third of their lifetime, or 30 days, left",
    },
    "allow-weak": ALLOW_WEAK_OPTION,
    "passphrase-file": PASSPHRASE_OPTION,
    json: JSON_OPTION,
  },
  positionals: [1, 1000, "certificate.pem"],
  async run(args, io) {
    const days = args.integer("days", 1, MAX_DAYS);
    const authority = await readAuthority(args, io);
    const renewed: { readonly file: string; readonly certificate: Certificate }[] = [];
    for (const file of args.positionals) {
      const [old] = await readCertificates(file, args, io);
      if (!isIssuedBy(old, authority.certificate)) {
        throw new Error(`${file}: this CA did not issue the certificate`);
      }
      if (!args.flag("all") && !isDue(old, Date.now())) continue;
      const options = { days: days ?? lifetimeInDays(old), allowWeak: args.flag("allow-weak") };
      const certificate = await naming(file, () => issueAgain(authority, old, options));
      const chain = [certificate, ...authority.chain];
      await writeNewFile(file, chain.map(({ pem }) => pem).join(""), { force: true });
      renewed.push({ file, certificate });
    }
    if (args.flag("json")) {
      await printJson(
        io,
        renewed.map(({ file, certificate }) => ({ file, ...certificateJson(certificate) })),
      );
    } else {
      for (const { file, certificate } of renewed) {
        await io.stdout.write(`${file}: until ${certificate.notAfter.toISOString().slice(0, 10)}\n`);
      }
      if (renewed.length === 0) await io.stdout.write("nothing expires soon\n");
    }
    return 0;
  },
};

/** Whether it expires soon, or has expired. */
function isDue(certificate: Certificate, now: number): boolean {
  return certificate.notAfter.getTime() < now || expiresSoon(certificate, now);
}

function lifetimeInDays({ notBefore, notAfter }: Certificate): number {
  return Math.max(1, Math.floor((notAfter.getTime() - notBefore.getTime()) / 86_400_000));
}

function issueAgain(
  authority: CertificateAuthority,
  old: Certificate,
  options: { readonly days: number; readonly allowWeak: boolean },
): Certificate {
  const { publicKey, spki, subject, extensions } = old;
  const request = { publicKey, spki, subject, names: extensions.subjectAltName ?? [] };
  return issueCertificate(authority, request, { ...options, profile: profileOf(old) });
}

/** The profile of `fesa sign`, by the certificate's purposes. */
function profileOf({ extensions }: Certificate): CertificateProfile {
  const { basicConstraints, extendedKeyUsage } = extensions;
  if (basicConstraints?.ca) throw new Error("a CA cannot be renewed: make a new one, with a new name");
  if (extendedKeyUsage?.includes(ID_KP_SERVER_AUTH)) return "server";
  if (extendedKeyUsage?.includes(ID_KP_CLIENT_AUTH)) return "client";
  throw new Error("the certificate is for neither servers nor clients");
}
