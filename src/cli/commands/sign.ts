/** `fesa sign`: a certificate for a request. */

import { generalNameText } from "../../x509/names/general_name.ts";
import { issueCertificate, type IssueOptions, parseCertificateRequest } from "../../x509/mod.ts";
import { type Command, printJson } from "../command.ts";
import { certificateJson } from "../describe.ts";
import { readSmallFile, refuseExisting, writeNewFile } from "../files.ts";
import { naming, readAuthority } from "../keys.ts";
import { alternativeNames, distinguishedName } from "../names.ts";
import {
  ALLOW_WEAK_OPTION,
  CA_KEY_OPTION,
  CA_OPTION,
  DAYS_OPTION,
  FORCE_OPTION,
  JSON_OPTION,
  MAX_DAYS,
} from "../options.ts";
import { PASSPHRASE_OPTION } from "../passphrase.ts";

/** Issues a certificate, and writes it followed by the intermediates. */
export const sign: Command = {
  name: "sign",
  summary: "sign a request with your CA's key",
  usage: [
    "[--ca ca/ca.pem] [--ca-key ca/ca-key.pem] [--in request.pem] [--days 397] [--out certificate.pem]",
  ],
  examples: ["--in request.pem", "--in request.pem --days 90 --out certificate.pem"],
  options: {
    ca: CA_OPTION,
    "ca-key": CA_KEY_OPTION,
    in: { type: "string", value: "FILE", help: "the request, PEM or DER; request.pem by default" },
    out: {
      type: "string",
      value: "FILE",
      help: "a file for the certificate, followed by the intermediates; certificate.pem by default",
    },
    profile: { type: "string", value: "KIND", help: "server (the default), client or ca" },
    subject: { type: "string", value: "NAME", help: "the subject, instead of the requested one" },
    san: { type: "string", multiple: true, value: "NAME", help: "the names, instead of the requested ones" },
    days: DAYS_OPTION,
    "allow-weak": ALLOW_WEAK_OPTION,
    "passphrase-file": PASSPHRASE_OPTION,
    force: FORCE_OPTION,
    json: JSON_OPTION,
  },
  async run(args, io) {
    const [source, out] = [args.text("in") ?? "request.pem", args.text("out") ?? "certificate.pem"];
    const options: IssueOptions = {
      profile: args.choice("profile", ["server", "client", "ca"]),
      subject: distinguishedName(args, "subject"),
      names: args.has("san") ? alternativeNames(args) : undefined,
      days: args.integer("days", 1, MAX_DAYS),
      allowWeak: args.flag("allow-weak"),
    };
    await refuseExisting([out], args.flag("force"));
    const file = await readSmallFile(source);
    const request = await naming(source, () => parseCertificateRequest(file));
    const authority = await readAuthority(args, io);
    const certificate = issueCertificate(authority, request, options);
    const chain = [certificate, ...authority.chain];
    await writeNewFile(out, chain.map(({ pem }) => pem).join(""), { force: args.flag("force") });
    if (args.flag("json")) await printJson(io, certificateJson(certificate));
    else {
      const { subject, extensions, notAfter } = certificate;
      const names = [
        ...(subject.isEmpty ? [] : [subject]),
        ...(extensions.subjectAltName ?? []).map(generalNameText),
      ];
      await io.stdout.write(
        `${out}: ${[...names, `until ${notAfter.toISOString().slice(0, 10)}`].join(", ")}\n`,
      );
    }
    return 0;
  },
};
