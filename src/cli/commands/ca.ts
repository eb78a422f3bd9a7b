/** `fesa ca`: makes a CA. */

import { hostname } from "node:os";
import { join } from "node:path";
import {
  type AuthorityOptions,
  type Certificate,
  type CertificateAuthority,
  createCertificateAuthority,
} from "../../x509/mod.ts";
import { type Arguments, type Command, type Io, printResult, UsageError } from "../command.ts";
import { certificateJson, day } from "../credentials/describe.ts";
import { distinguishedName, nameLimits, nameOf } from "../credentials/names.ts";
import { checkNewKey, keyPem, newKey, writeSecret } from "../credentials/new_key.ts";
import { PASSPHRASE_OPTION } from "../credentials/passphrase.ts";
import { refuseExisting, writeNewFile } from "../files.ts";
import { BITS_OPTION, FORCE_OPTION, JSON_OPTION, KEY_TYPE_OPTION, MAX_DAYS } from "../options.ts";

/** Makes a root, and an intermediate that signs certificates. */
export const ca: Command = {
  name: "ca",
  summary: "make your own CA: a root, and an intermediate below it that signs certificates",
  usage: [
    '[--subject "CN=My Root"] [--intermediate "CN=My Issuer"] [--days 3650] [--out-dir ca]',
    "--permit firm.example,10.0.0.0/8 [--exclude private.firm.example] [--no-intermediate]",
  ],
  examples: ['--subject "CN=My Root"', '--subject "CN=My Root" --permit firm.example --out-dir ca'],
  options: {
    subject: {
      type: "string",
      value: "NAME",
      help: 'the root\'s name, "CN=My Root,O=Firm"; "Root of" this computer by default',
    },
    intermediate: {
      type: "string",
      value: "NAME",
      help:
        "the intermediate's name, which signs, so that the root's key can be offline; \"Issuer of\" this computer by default",
    },
    "no-intermediate": { type: "boolean", help: "make only the root, which then signs certificates itself" },
    permit: {
      type: "string",
      multiple: true,
      value: "NAME",
      help: "certify only names in this domain or range of addresses; separate several with commas",
    },
    exclude: {
      type: "string",
      multiple: true,
      value: "NAME",
      help: "never certify names in this domain or range of addresses",
    },
    days: { type: "string", value: "DAYS", help: "how long the certificates are valid; 3650 by default" },
    type: KEY_TYPE_OPTION,
    bits: BITS_OPTION,
    "out-dir": { type: "string", value: "DIR", help: "a folder for the files; ca by default" },
    encrypt: { type: "boolean", help: "encrypt the keys with a passphrase" },
    "passphrase-file": PASSPHRASE_OPTION,
    force: FORCE_OPTION,
    json: JSON_OPTION,
  },
  async run(args, io) {
    checkNewKey(args);
    const days = args.integer("days", 1, MAX_DAYS);
    const [subject, below] = requestedNames(args);
    const permittedNames = nameLimits(args, "permit");
    const excludedNames = nameLimits(args, "exclude");
    const directory = args.text("out-dir") ?? "ca";
    const files = (name: string) =>
      [join(directory, `${name}.pem`), join(directory, `${name}-key.pem`)] as const;
    const names = below === undefined ? ["ca"] : ["root", "ca"];
    await refuseExisting(names.flatMap(files), args.flag("force"));

    const now = new Date(Math.floor(Date.now() / 1000) * 1000); // certificates have whole seconds
    const common = { days, now, permittedNames, excludedNames };
    const root = await makeAuthority({ subject, ...common }, files(names[0]), args, io);
    const made = [root];
    if (below !== undefined) {
      made.push(await makeAuthority({ subject: below, issuer: root, ...common }, files("ca"), args, io));
    }
    for (const authority of made) await write(authority, args);
    await report(made.map(({ certificate }) => certificate), root.certificateFile, args, io);
    return 0;
  },
};

/** The names of the root and of the intermediate. They must differ: a chain finds issuers by name. */
function requestedNames(args: Arguments): [root: string, below: string | undefined] {
  for (const option of ["subject", "intermediate"]) {
    if (distinguishedName(args, option)?.trim() === "") throw new UsageError(`--${option} is empty`);
  }
  const root = args.text("subject") ?? `CN=Root of ${hostname()}`.slice(0, 67);
  if (args.flag("no-intermediate")) {
    if (args.has("intermediate")) {
      throw new UsageError("--intermediate and --no-intermediate exclude each other");
    }
    return [root, undefined];
  }
  const below = args.text("intermediate") ?? `CN=Issuer of ${hostname()}`.slice(0, 67);
  if (nameOf(below).matches(nameOf(root))) {
    throw new UsageError("--intermediate must differ from the root's name");
  }
  return [root, below];
}

/** A CA with the contents of its files, which are written once all CAs are made. */
interface MadeAuthority extends CertificateAuthority {
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly keyText: string;
}

async function makeAuthority(
  options: AuthorityOptions,
  [certificateFile, keyFile]: readonly [string, string],
  args: Arguments,
  io: Io,
): Promise<MadeAuthority> {
  const key = await newKey(args, io);
  const authority = await createCertificateAuthority({ ...options, key, allowWeak: true });
  return { ...authority, certificateFile, keyFile, keyText: await keyPem(keyFile, key, args, io) };
}

async function write(
  { certificate, certificateFile, keyFile, keyText }: MadeAuthority,
  args: Arguments,
): Promise<void> {
  await writeSecret(keyFile, keyText, args);
  await writeNewFile(certificateFile, certificate.pem, { force: args.flag("force") });
}

async function report(
  made: readonly Certificate[],
  rootFile: string,
  args: Arguments,
  io: Io,
): Promise<void> {
  const lines = [
    ...made.map(({ subject, notAfter }) => `${subject}, until ${day(notAfter)}`),
    `${rootFile} is what clients trust: fesa connect --roots ${rootFile}`,
  ];
  await printResult(args, io, made.map(certificateJson), lines.join("\n"));
}
