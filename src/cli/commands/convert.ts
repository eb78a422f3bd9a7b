/** `fesa convert`: converts keys and certificates between file formats. */

import { exportJwk } from "../../x509/keys/jwk.ts";
import {
  type Certificate,
  createPkcs12,
  exportPrivateKey,
  exportPrivateKeyDer,
  pinOf,
  type Pkcs12,
} from "../../x509/mod.ts";
import { type Arguments, type Command, type Io, printResult, UsageError } from "../command.ts";
import { certificateJson, keyJson } from "../credentials/describe.ts";
import { newPassphrase } from "../credentials/new_key.ts";
import { PASSPHRASE_OPTION } from "../credentials/passphrase.ts";
import { allCertificates, readKeysAndCertificates } from "../credentials/read.ts";
import { refuseExisting, writeNewFile } from "../files.ts";
import { FORCE_OPTION, JSON_OPTION } from "../options.ts";

const FORMS = ["pem", "der", "pkcs12", "jwk"] as const;

/** Reads any format that the library supports, and writes one of the usual ones. */
export const convert: Command = {
  name: "convert",
  summary: "convert keys and certificates between PEM, DER and PKCS#12 (.p12, .pfx), and from PKCS#7 (.p7b)",
  usage: ["[--to pem|der|pkcs12|jwk] --out FILE [--encrypt] FILE…"],
  examples: ["--out chain.pem server.p12", "--to pkcs12 --out server.p12 key.pem certificate.pem"],
  options: {
    to: { type: "string", value: "FORM", choices: FORMS, help: `${FORMS.join(", ")}; pem by default` },
    out: { type: "string", value: "FILE", help: "the file to write" },
    name: { type: "string", value: "NAME", help: "the name of the key in the PKCS#12 file, Java's alias" },
    legacy: {
      type: "boolean",
      help: "PKCS#12 with triple DES and SHA-1, for macOS's keychain and old Windows and Java: weak",
    },
    encrypt: { type: "boolean", help: "encrypt the key with a passphrase; PKCS#12 is always encrypted" },
    "passphrase-file": PASSPHRASE_OPTION,
    "new-passphrase-file": {
      type: "string",
      value: "FILE",
      help: "a file whose first line is the passphrase of the output; otherwise you are asked for it",
    },
    force: FORCE_OPTION,
    json: JSON_OPTION,
  },
  positionals: [1, 100, "FILE"],
  async run(args, io) {
    const form = args.choice("to", FORMS) ?? "pem";
    checkOptions(form, args);
    const out = args.required("out");
    await refuseExisting([out], args.flag("force"));
    const contents = await readKeysAndCertificates(args.positionals, args, io);
    await warnOfLoneKeys(contents, io);
    const isSecret = contents.keys.length > 0;
    const file = await WRITERS[form](contents, out, args, io);
    await writeNewFile(out, file, { secret: isSecret, force: args.flag("force") });
    await report(out, contents, args, io);
    return 0;
  },
};

function checkOptions(form: (typeof FORMS)[number], args: Arguments): void {
  for (const name of ["name", "legacy"]) {
    if (form !== "pkcs12" && args.has(name)) throw new UsageError(`--${name} is for --to pkcs12`);
  }
  if (form === "jwk" && args.flag("encrypt")) throw new UsageError("--encrypt is not for --to jwk");
  if (form !== "pkcs12" && args.has("new-passphrase-file") && !args.flag("encrypt")) {
    throw new UsageError("--new-passphrase-file is for --encrypt");
  }
}

/** Warns of each private key to which none of the certificates belongs, if there are certificates. */
async function warnOfLoneKeys({ keys, certificates }: Pkcs12, io: Io): Promise<void> {
  if (keys.every((one) => one.certificates.length === 0) && certificates.length === 0) return;
  for (const { key } of keys.filter((one) => one.certificates.length === 0)) {
    await io.stderr.write(
      `warning: none of the certificates is for the private key with the pin ${pinOf(key)}\n`,
    );
  }
}

type Writer = (contents: Pkcs12, out: string, args: Arguments, io: Io) => Promise<string | Uint8Array>;

const WRITERS: Readonly<Record<(typeof FORMS)[number], Writer>> = {
  async pem(contents, out, args, io) {
    const passphrase = contents.keys.length > 0 && args.flag("encrypt")
      ? await newPassphrase(out, args, io, "new-passphrase-file")
      : undefined;
    const keys = contents.keys.map(({ key }) => exportPrivateKey(key, { passphrase, derivation: "scrypt" }));
    return [...keys, ...distinctCertificates(contents).map(({ pem }) => pem)].join("");
  },

  async der(contents, out, args, io) {
    const [key, ...moreKeys] = contents.keys;
    const [certificate, ...more] = distinctCertificates(contents);
    if (moreKeys.length > 0 || more.length > 0 || (key === undefined) === (certificate === undefined)) {
      throw new Error("DER contains one key or one certificate; --to pem or --to pkcs12 writes all of them");
    }
    if (key === undefined) return certificate.der;
    const passphrase = args.flag("encrypt")
      ? await newPassphrase(out, args, io, "new-passphrase-file")
      : undefined;
    return exportPrivateKeyDer(key.key, { passphrase, derivation: "scrypt" });
  },

  async pkcs12(contents, out, args, io) {
    const name = args.text("name");
    const legacy = args.flag("legacy");
    if (legacy) {
      await io.stderr.write(
        "warning: triple DES and SHA-1 are weak: choose a long passphrase, and delete the file after import\n",
      );
    }
    const keys = contents.keys.map((one) => ({ ...one, friendlyName: name ?? one.friendlyName }));
    const passphrase = await newPassphrase(out, args, io, "new-passphrase-file");
    return createPkcs12({ ...contents, keys }, passphrase, { legacy });
  },

  jwk({ keys }) {
    if (keys.length !== 1) throw new Error(`a JSON Web Key contains one key, and there are ${keys.length}`);
    return Promise.resolve(`${JSON.stringify(exportJwk(keys[0].key), null, 2)}\n`);
  },
};

/** All certificates, each once: one may be in the chains of several keys. */
function distinctCertificates(contents: Pkcs12): Certificate[] {
  return [...new Map(allCertificates(contents).map((one) => [one.fingerprint, one])).values()];
}

async function report(out: string, contents: Pkcs12, args: Arguments, io: Io): Promise<void> {
  const certificates = distinctCertificates(contents).map(certificateJson);
  const keys = contents.keys.map(({ key }) => keyJson("private key", key));
  const counted = ({ length }: readonly unknown[], what: string) =>
    `${length} ${what}${length === 1 ? "" : "s"}`;
  const line = `${out}: ${counted(keys, "private key")}, ${counted(certificates, "certificate")}`;
  await printResult(args, io, { file: out, keys, certificates }, line);
}
