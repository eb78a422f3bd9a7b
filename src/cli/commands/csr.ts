/** `fesa csr`: a certificate request. */

import { createCertificateRequest } from "../../x509/mod.ts";
import { type Command, printResult } from "../command.ts";
import { allNames, requestJson } from "../credentials/describe.ts";
import { requestedNames } from "../credentials/names.ts";
import { checkNewKey, isNewKey, newKey, writeKey } from "../credentials/new_key.ts";
import { PASSPHRASE_OPTION } from "../credentials/passphrase.ts";
import { readKey } from "../credentials/read.ts";
import { refuseExisting, writeNewFile } from "../files.ts";
import { ALLOW_WEAK_OPTION, BITS_OPTION, FORCE_OPTION, JSON_OPTION, KEY_TYPE_OPTION } from "../options.ts";

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
      help: "names of the server: a DNS name, an IP address, email:…, uri:…; separate several with commas",
    },
    out: { type: "string", value: "FILE", help: "a file for the request; request.pem by default" },
    type: KEY_TYPE_OPTION,
    bits: BITS_OPTION,
    "allow-weak": ALLOW_WEAK_OPTION,
    encrypt: { type: "boolean", help: "encrypt a new key with a passphrase" },
    "passphrase-file": PASSPHRASE_OPTION,
    force: { ...FORCE_OPTION, help: "overwrite an existing request; keys are never overwritten" },
    json: JSON_OPTION,
  },
  async run(args, io) {
    const [keyFile, out] = [args.text("key") ?? "key.pem", args.text("out") ?? "request.pem"];
    const { subject, names } = requestedNames(args);
    const isNew = await isNewKey(keyFile, args);
    if (isNew) checkNewKey(args);
    await refuseExisting([out], args.flag("force"));
    const key = isNew ? await newKey(args, io) : await readKey(keyFile, args, io);
    const allowWeak = isNew || args.flag("allow-weak");
    const request = createCertificateRequest(key, { subject, names, allowWeak });
    if (isNew) await writeKey(keyFile, key, args, io);
    await writeNewFile(out, request.pem, { force: args.flag("force") });
    const forNames = allNames(request.subject, request.names).join(", ");
    const lines = `${isNew ? `${keyFile}: a new key\n` : ""}${out}: a request for ${forNames}`;
    await printResult(args, io, requestJson(request), lines);
    return 0;
  },
};
