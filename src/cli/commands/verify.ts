/** `fesa verify`: verifies a certificate chain. */

import { CertificateError } from "../../errors.ts";
import { type Certificate, verifyCertificate } from "../../x509/mod.ts";
import { type Command, printJson, printResult } from "../command.ts";
import { certificateJson } from "../credentials/describe.ts";
import { warnOfExpiry } from "../credentials/expiry.ts";
import { readCertificates, readRoots } from "../credentials/read.ts";
import { fetchIssuers } from "../credentials/missing_issuers.ts";
import { serverName } from "../credentials/names.ts";
import { PASSPHRASE_OPTION } from "../credentials/passphrase.ts";
import { readRevocation } from "../credentials/revocation.ts";
import { ALLOW_WEAK_OPTION, JSON_OPTION, REVOCATION_OPTIONS, ROOTS_OPTION } from "../options.ts";

/** The key usage that TLS with RSA key exchange needs (RFC 5246 sections 7.4.2 and 7.4.6). */
const KEY_USAGES = { server: "keyEncipherment", client: "digitalSignature", any: undefined } as const;

const PURPOSES = ["server", "client", "any"] as const;

/** Verifies a chain as a client or server would; exit code 1 if it is refused. */
export const verify: Command = {
  name: "verify",
  summary: "verify a certificate chain as clients do",
  usage: ["--roots roots.pem|system [--name HOST] [--crl FILE]… [--fetch] chain.pem"],
  examples: [
    "--roots ca/root.pem --name app.example certificate.pem",
    "--roots system --fetch --name app.example certificate.pem",
  ],
  options: {
    roots: ROOTS_OPTION,
    fetch: {
      type: "boolean",
      help: "fetch missing intermediates by HTTP, from the URLs in the certificates (AIA)",
    },
    name: {
      type: "string",
      value: "HOST",
      help: "the DNS name or IP address that the certificate must have",
    },
    usage: { type: "string", value: "KIND", choices: PURPOSES, help: "server (the default), client or any" },
    ...REVOCATION_OPTIONS,
    "allow-weak": ALLOW_WEAK_OPTION,
    "passphrase-file": PASSPHRASE_OPTION,
    json: JSON_OPTION,
  },
  positionals: [1, 1, "chain.pem"],
  async run(args, io) {
    const purpose = args.choice("usage", PURPOSES) ?? "server";
    const name = serverName(args);
    const roots = await readRoots(args.required("roots"), args, io);
    const chain = await readCertificates(args.positionals[0], args, io);
    const fetched = args.flag("fetch")
      ? await fetchIssuers(chain, roots, (line) => io.stderr.write(line))
      : [];
    const revocation = await readRevocation(args, io);
    try {
      const { certificates } = verifyCertificate([...chain, ...fetched], {
        roots,
        serverName: name,
        usage: purpose,
        keyUsage: isForSigning(chain[0]) && purpose === "server" ? "digitalSignature" : KEY_USAGES[purpose],
        minimumRsaBits: args.flag("allow-weak") ? 1024 : undefined,
        ...revocation,
      });
      await warnOfExpiry(certificates, io);
      const path = certificates.map(({ subject }) => subject).join(" < ");
      await printResult(args, io, { valid: true, path: certificates.map(certificateJson) }, `valid: ${path}`);
      return 0;
    } catch (error) {
      if (!(error instanceof CertificateError && args.flag("json"))) throw error;
      const { reason, depth, message } = error;
      await printJson(io, { valid: false, reason, depth, message });
      return 1;
    }
  },
};

/** Whether the key can only sign, as in ECDHE, and cannot decrypt. */
function isForSigning({ publicKey }: Certificate): boolean {
  return publicKey.type !== "rsa";
}
