/** `fesa ca`: a CA of one's own. */

import { hostname } from "node:os";
import { join } from "node:path";
import { type Certificate, type CertificateAuthority, createCertificateAuthority } from "../../x509/mod.ts";
import { type Arguments, type Command, type Io, printJson } from "../command.ts";
import { certificateJson } from "../describe.ts";
import { refuseExisting, writeNewFile } from "../files.ts";
import { checkEncryption, newKey, writeKey } from "../keys.ts";
import { BITS_OPTION, DAYS_OPTION, FORCE_OPTION, JSON_OPTION, MAX_DAYS } from "../options.ts";
import { PASSPHRASE_OPTION } from "../passphrase.ts";

/** Makes a root, and perhaps an intermediate that does the daily work. */
export const ca: Command = {
  name: "ca",
  summary: "make a CA of your own: a root, and an intermediate below it if you like",
  usage: ['[--subject "CN=My Root"] [--intermediate "CN=My Issuer"] [--days 3650] [--out-dir ca]'],
  options: {
    subject: {
      type: "string",
      value: "NAME",
      help: "the root's name, \"CN=My Root,O=Firm\"; this computer's by default",
    },
    intermediate: {
      type: "string",
      value: "NAME",
      help:
        "also make a CA of this name below the root, which signs in its stead: the root's key can be put away",
    },
    days: DAYS_OPTION,
    bits: BITS_OPTION,
    "out-dir": { type: "string", value: "DIR", help: "where the files go; ca by default" },
    encrypt: { type: "boolean", help: "encrypt the keys under a passphrase" },
    "passphrase-file": PASSPHRASE_OPTION,
    force: FORCE_OPTION,
    json: JSON_OPTION,
  },
  async run(args, io) {
    checkEncryption(args);
    const subject = args.text("subject") ?? `CN=Root of ${hostname()}`.slice(0, 67);
    const below = args.text("intermediate");
    const directory = args.text("out-dir") ?? "ca";
    const files = (name: string) =>
      [join(directory, `${name}.pem`), join(directory, `${name}-key.pem`)] as const;
    const names = below === undefined ? ["ca"] : ["root", "ca"];
    await refuseExisting(names.flatMap(files), args.flag("force"));

    const root = await makeAuthority(subject, undefined, files(names[0]), args, io);
    const made = [root.certificate];
    if (below !== undefined) made.push((await makeAuthority(below, root, files("ca"), args, io)).certificate);
    await report(made, files(names[0])[0], args, io);
    return 0;
  },
};

async function makeAuthority(
  subject: string,
  issuer: CertificateAuthority | undefined,
  [certificateFile, keyFile]: readonly [string, string],
  args: Arguments,
  io: Io,
): Promise<CertificateAuthority> {
  const days = issuer === undefined ? args.integer("days", 1, MAX_DAYS) : undefined; // as long as the root's
  const key = await newKey(args, io);
  const authority = await createCertificateAuthority({ subject, issuer, key, days, allowWeak: true });
  await writeKey(keyFile, key, args, io);
  await writeNewFile(certificateFile, authority.certificate.pem, { force: args.flag("force") });
  return authority;
}

async function report(
  made: readonly Certificate[],
  rootFile: string,
  args: Arguments,
  io: Io,
): Promise<void> {
  if (args.flag("json")) return await printJson(io, made.map(certificateJson));
  for (const { subject, notAfter } of made) {
    await io.stdout.write(`${subject}, until ${notAfter.toISOString().slice(0, 10)}\n`);
  }
  await io.stdout.write(`${rootFile} is what clients trust: fesa connect --roots ${rootFile}\n`);
}
