/** `fesa keygen`: a private key. */

import { type Command, printJson } from "../command.ts";
import { keyJson, lines } from "../describe.ts";
import { refuseExisting } from "../files.ts";
import { newKey, writeKey } from "../keys.ts";
import { BITS_OPTION, FORCE_OPTION, JSON_OPTION } from "../options.ts";
import { PASSPHRASE_OPTION } from "../passphrase.ts";

/** Makes an RSA key and tells its pin. */
export const keygen: Command = {
  name: "keygen",
  summary: "make a private key, and print the pin by which clients can trust it",
  usage: ["[--bits 2048] [--out key.pem] [--encrypt]"],
  options: {
    bits: BITS_OPTION,
    out: { type: "string", value: "FILE", help: "where it goes; key.pem by default" },
    encrypt: { type: "boolean", help: "encrypt it under a passphrase" },
    "passphrase-file": PASSPHRASE_OPTION,
    force: FORCE_OPTION,
    json: JSON_OPTION,
  },
  async run(args, io) {
    const out = args.text("out") ?? "key.pem";
    await refuseExisting([out], args.flag("force"));
    const key = await newKey(args, io);
    await writeKey(out, key, args, io);
    const description = { file: out, ...keyJson("private key", { type: "rsa", n: key.n, e: key.e }) };
    if (args.flag("json")) await printJson(io, description);
    else await io.stdout.write(`${lines(description)}\n`);
    return 0;
  },
};
