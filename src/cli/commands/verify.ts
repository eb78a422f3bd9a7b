/** `fesa verify`: whether a chain leads to a root. */

import { CertificateError } from "../../errors.ts";
import { parseRevocationList, type RevocationList, verifyCertificate } from "../../x509/mod.ts";
import { type Arguments, type Command, printJson } from "../command.ts";
import { certificateJson } from "../describe.ts";
import { readPemOrDer } from "../files.ts";
import { naming, readCertificates } from "../keys.ts";
import { ALLOW_WEAK_OPTION, JSON_OPTION } from "../options.ts";

/** Verifies a chain as a client or server would; exit code 1 where it is refused. */
export const verify: Command = {
  name: "verify",
  summary: "verify a certificate chain as clients do",
  usage: ["--roots roots.pem [--name HOST] [--crl FILE]… chain.pem"],
  options: {
    roots: { type: "string", value: "FILE", help: "the certificates that are trusted" },
    name: { type: "string", value: "HOST", help: "the DNS name or IP address that the server must have" },
    usage: { type: "string", value: "KIND", help: "server (the default), client or any" },
    crl: { type: "string", multiple: true, value: "FILE", help: "a revocation list of a CA in the chain" },
    "require-crl": { type: "boolean", help: "refuse certificates that no list shows to be good" },
    "allow-weak": ALLOW_WEAK_OPTION,
    json: JSON_OPTION,
  },
  positionals: [1, 1],
  async run(args, io) {
    const roots = await readCertificates(args.required("roots"));
    const chain = await readCertificates(args.positionals[0]);
    const crls = await readLists(args);
    try {
      const { certificates } = verifyCertificate(chain, {
        roots,
        serverName: args.text("name"),
        usage: args.choice("usage", ["server", "client", "any"]),
        minimumRsaBits: args.flag("allow-weak") ? 1024 : undefined,
        crls,
        revocation: args.flag("require-crl") ? "hard" : "soft",
      });
      if (args.flag("json")) {
        await printJson(io, { valid: true, path: certificates.map(certificateJson) });
      } else {
        await io.stdout.write(`valid: ${certificates.map(({ subject }) => subject).join(" < ")}\n`);
      }
      return 0;
    } catch (error) {
      if (!(error instanceof CertificateError && args.flag("json"))) throw error;
      const { reason, depth, message } = error;
      await printJson(io, { valid: false, reason, depth, message });
      return 1;
    }
  },
};

async function readLists(args: Arguments): Promise<RevocationList[]> {
  const lists: RevocationList[] = [];
  for (const path of args.list("crl")) {
    const file = await readPemOrDer(path);
    lists.push(await naming(path, () => parseRevocationList(file)));
  }
  return lists;
}
