/** `fesa csr`: a certificate request. */

import { parseAlternativeName } from "../../x509/names/alternative_name.ts";
import { generalNameText } from "../../x509/names/general_name.ts";
import { type CertificateRequest, createCertificateRequest } from "../../x509/mod.ts";
import { type Arguments, type Command, printJson, UsageError } from "../command.ts";
import { requestJson } from "../describe.ts";
import { exists, refuseExisting, writeNewFile } from "../files.ts";
import { checkNewKey, newKey, readKey, writeKey } from "../keys.ts";
import { alternativeNames, distinguishedName, nameOf } from "../names.ts";
import { ALLOW_WEAK_OPTION, BITS_OPTION, FORCE_OPTION, JSON_OPTION, KEY_TYPE_OPTION } from "../options.ts";
import { PASSPHRASE_OPTION } from "../passphrase.ts";

/** Makes a request, and its key if the file is missing. */
export const csr: Command = {
  name: "csr",
  summary: "make a certificate request, and its key if it is missing",
  usage: ['[--key key.pem] [--subject "CN=…,O=…"] --san dns:NAME,ip:ADDRESS [--out request.pem]'],
  examples: [
    '--subject "CN=app.example" --san dns:app.example',
    "--key old-key.pem --san dns:app.example,ip:192.0.2.7",
  ],
  options: {
    key: {
      type: "string",
      value: "FILE",
      help: "the private key, made if the file is missing; key.pem by default",
    },
    subject: {
      type: "string",
      value: "NAME",
      help: 'the subject, "CN=host,O=Firm"; from the first --san by default',
    },
    san: {
      type: "string",
      multiple: true,
      value: "NAME",
      help: "names of the server: a DNS name, an IP address, email:…, uri:…; several with commas",
    },
    out: { type: "string", value: "FILE", help: "a file for the request; request.pem by default" },
    type: KEY_TYPE_OPTION,
    bits: BITS_OPTION,
    "allow-weak": ALLOW_WEAK_OPTION,
    encrypt: { type: "boolean", help: "encrypt a new key under a passphrase" },
    "passphrase-file": PASSPHRASE_OPTION,
    force: { ...FORCE_OPTION, help: "overwrite an existing request; keys are never overwritten" },
    json: JSON_OPTION,
  },
  async run(args, io) {
    const [keyFile, out] = [args.text("key") ?? "key.pem", args.text("out") ?? "request.pem"];
    const { subject, names } = requestedNames(args);
    const isNew = !await exists(keyFile);
    if (isNew) checkNewKey(args);
    else refuseNewKeyOptions(args, keyFile);
    await refuseExisting([out], args.flag("force"));
    const key = isNew ? await newKey(args, io) : await readKey(keyFile, args, io);
    const allowWeak = isNew || args.flag("allow-weak");
    const request = createCertificateRequest(key, { subject, names, allowWeak });
    if (isNew) await writeKey(keyFile, key, args, io);
    await writeNewFile(out, request.pem, { force: args.flag("force") });
    if (args.flag("json")) await printJson(io, requestJson(request));
    else await io.stdout.write(`${isNew ? `${keyFile}: a new key\n` : ""}${out}: ${summary(request)}\n`);
    return 0;
  },
};

/** Refuses options for a new key if the key exists. */
function refuseNewKeyOptions(args: Arguments, keyFile: string): void {
  for (const name of ["type", "bits", "encrypt"]) {
    if (args.has(name)) throw new UsageError(`--${name} is for a new key, and ${keyFile} is there already`);
  }
}

/** The longest common name, in characters (RFC 5280 appendix A.1). */
const MAX_COMMON_NAME = 64;

/** Derives the subject from the first name if none is given, and a name from the subject's common name. */
function requestedNames(args: Arguments): { readonly subject: string; readonly names: readonly string[] } {
  const names = alternativeNames(args);
  const subject = distinguishedName(args, "subject");
  if (names.length === 0 && !subject?.trim()) throw new UsageError("--san is missing");
  if (subject !== undefined) return { subject, names: names.length > 0 ? names : commonName(subject) };
  return { subject: subjectFor(names[0]), names };
}

/** The name as a common name; empty if it is too long for one, since clients look at the alternative names. */
function subjectFor(name: string): string {
  const value = name.replace(/^(?:dns|ip|email|uri):/i, "");
  return value.length > MAX_COMMON_NAME ? "" : `CN=${value.replace(/[,+"\\<>;#]/g, "\\$&")}`;
}

/** The subject's common name as an alternative name, if it can be one: clients look at nothing else. */
function commonName(subject: string): string[] {
  const name = nameOf(subject).commonName ?? "";
  try {
    parseAlternativeName(name);
    return [name];
  } catch {
    return [];
  }
}

function summary({ subject, names }: CertificateRequest): string {
  return `a request for ${[...(subject.isEmpty ? [] : [subject]), ...names.map(generalNameText)].join(", ")}`;
}
