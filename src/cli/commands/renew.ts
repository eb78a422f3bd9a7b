/** `fesa renew`: signs certificates of your own CA again before they expire. */

import { defaultRenewalTime } from "../../acme/renewal.ts";
import {
  type Certificate,
  type CertificateAuthority,
  type CertificateProfile,
  issueCertificate,
} from "../../x509/mod.ts";
import { ID_KP_CLIENT_AUTH, ID_KP_SERVER_AUTH } from "../../x509/oids.ts";
import { type Command, printResult } from "../command.ts";
import { checkIssued, readAuthority } from "../credentials/authority.ts";
import { writeChain } from "../credentials/chain.ts";
import { certificateJson, day } from "../credentials/describe.ts";
import { PASSPHRASE_OPTION } from "../credentials/passphrase.ts";
import { readCertificates } from "../credentials/read.ts";
import { naming } from "../files.ts";
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
      checkIssued(old, authority, file);
      if (!args.flag("all") && defaultRenewalTime(old).getTime() >= Date.now()) continue;
      const options = { days: days ?? lifetimeInDays(old), allowWeak: args.flag("allow-weak") };
      const certificate = await naming(file, () => issueAgain(authority, old, options));
      await writeChain(file, [certificate, ...authority.chain], true);
      renewed.push({ file, certificate });
    }
    const descriptions = renewed.map(({ file, certificate }) => ({ file, ...certificateJson(certificate) }));
    const lines = renewed.map(({ file, certificate }) => `${file}: until ${day(certificate.notAfter)}`);
    await printResult(args, io, descriptions, lines.join("\n") || "nothing expires soon");
    return 0;
  },
};

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
