/** `fesa sign`: a certificate for a request, or for a key, which is made if it is missing. */

import {
  type Certificate,
  type CertificateRequest,
  createCertificateRequest,
  issueCertificate,
  type IssueOptions,
  parseCertificateRequest,
} from "../../x509/mod.ts";
import { type Arguments, type Command, type Io, printResult, UsageError } from "../command.ts";
import { readAuthority } from "../credentials/authority.ts";
import { writeChain } from "../credentials/chain.ts";
import { allNames, certificateJson, day } from "../credentials/describe.ts";
import { alternativeNames, distinguishedName, requestedNames } from "../credentials/names.ts";
import { checkKeyType, isNewKey, newKey, writeKey } from "../credentials/new_key.ts";
import { PASSPHRASE_OPTION } from "../credentials/passphrase.ts";
import { readKey } from "../credentials/read.ts";
import { naming, readSmallFile, refuseExisting } from "../files.ts";
import {
  ALLOW_WEAK_OPTION,
  BITS_OPTION,
  CA_KEY_OPTION,
  CA_OPTION,
  FORCE_OPTION,
  JSON_OPTION,
  KEY_TYPE_OPTION,
  MAX_DAYS,
} from "../options.ts";

const PROFILES = ["server", "client", "ca"] as const;

/** Issues a certificate, and writes it followed by the intermediates. */
export const sign: Command = {
  name: "sign",
  summary: "sign a request with your CA's key, or make a key and its certificate at once",
  usage: [
    "[--ca ca/ca.pem] [--ca-key ca/ca-key.pem] [--in request.pem] [--days 397] [--out certificate.pem]",
    '--key key.pem [--type p256] [--subject "CN=…,O=…"] --san dns:NAME,ip:ADDRESS [--out certificate.pem]',
  ],
  examples: ["--in request.pem --days 90 --out certificate.pem", "--key key.pem --san app.example"],
  options: {
    ca: CA_OPTION,
    "ca-key": CA_KEY_OPTION,
    in: { type: "string", value: "FILE", help: "the request, PEM or DER; request.pem by default" },
    key: {
      type: "string",
      value: "FILE",
      help: "certify this private key without a request; made if the file is missing",
    },
    out: {
      type: "string",
      value: "FILE",
      help: "a file for the certificate, followed by the intermediates; certificate.pem by default",
    },
    profile: { type: "string", value: "KIND", choices: PROFILES, help: "server (the default), client or ca" },
    subject: {
      type: "string",
      value: "NAME",
      help: "the subject, instead of the requested one; with --key, the first --san by default",
    },
    san: { type: "string", multiple: true, value: "NAME", help: "the names, instead of the requested ones" },
    days: {
      type: "string",
      value: "DAYS",
      help: "how long the certificate is valid; 397 by default, 3650 for a CA",
    },
    type: KEY_TYPE_OPTION,
    bits: BITS_OPTION,
    "allow-weak": ALLOW_WEAK_OPTION,
    "passphrase-file": PASSPHRASE_OPTION,
    force: {
      ...FORCE_OPTION,
      help: "overwrite an existing certificate; keys are never overwritten",
    },
    json: JSON_OPTION,
  },
  async run(args, io) {
    const out = args.text("out") ?? "certificate.pem";
    const options: IssueOptions = {
      profile: args.choice("profile", PROFILES),
      days: args.integer("days", 1, MAX_DAYS),
      allowWeak: args.flag("allow-weak"),
    };
    const certify = args.has("key") ? issueForKey : issueForRequest;
    const chain = await certify(out, options, args, io);
    await writeChain(out, chain, args.flag("force"));
    await printResult(args, io, certificateJson(chain[0]), `${out}: ${summary(chain[0])}`);
    return 0;
  },
};

type Chain = readonly [Certificate, ...Certificate[]];

/** Signs a request, with its names or those of the command line. */
async function issueForRequest(
  out: string,
  options: IssueOptions,
  args: Arguments,
  io: Io,
): Promise<Chain> {
  for (const name of ["type", "bits"]) {
    if (args.has(name)) throw new UsageError(`--${name} is for a new key, which needs --key`);
  }
  const source = args.text("in") ?? "request.pem";
  const subject = distinguishedName(args, "subject");
  const names = args.has("san") ? alternativeNames(args) : undefined;
  await refuseExisting([out], args.flag("force"));
  const file = await readSmallFile(source);
  const request = await naming(source, () => parseCertificateRequest(file));
  return await issue(request, { ...options, subject, names }, args, io);
}

/** Certifies a key, and writes it if it is new. */
async function issueForKey(out: string, options: IssueOptions, args: Arguments, io: Io): Promise<Chain> {
  if (args.has("in")) throw new UsageError("--in and --key exclude each other");
  const keyFile = args.required("key");
  const requested = requestedNames(args);
  checkKeyType(args);
  const isNew = await isNewKey(keyFile, args);
  await refuseExisting([out], args.flag("force"));
  const key = isNew ? await newKey(args, io) : await readKey(keyFile, args, io);
  const allowWeak = isNew || options.allowWeak; // a new key is as weak as was asked for
  const request = createCertificateRequest(key, { ...requested, allowWeak });
  const chain = await issue(request, { ...options, allowWeak }, args, io);
  if (isNew) {
    await writeKey(keyFile, key, args, io);
    if (!args.flag("json")) await io.stdout.write(`${keyFile}: a new key\n`);
  }
  return chain;
}

async function issue(
  request: CertificateRequest,
  options: IssueOptions,
  args: Arguments,
  io: Io,
): Promise<Chain> {
  const authority = await readAuthority(args, io);
  return [issueCertificate(authority, request, options), ...authority.chain];
}

function summary({ subject, extensions, notAfter }: Certificate): string {
  return [...allNames(subject, extensions.subjectAltName), `until ${day(notAfter)}`].join(", ");
}
