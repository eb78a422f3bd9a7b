/** `fesa revoke`: updates a CA's revocation list. */

import { toHex } from "../../bytes.ts";
import {
  type CertificateAuthority,
  createRevocationList,
  parseRevocationList,
  REVOCATION_REASONS,
  type RevocationList,
  type RevocationReason,
} from "../../x509/mod.ts";
import { type Command, printResult } from "../command.ts";
import { checkIssued, isIssuedBy, readAuthority } from "../credentials/authority.ts";
import { listJson } from "../credentials/describe.ts";
import { PASSPHRASE_OPTION } from "../credentials/passphrase.ts";
import { readCertificates } from "../credentials/read.ts";
import { exists, naming, readSmallFile, writeNewFile } from "../files.ts";
import { CA_KEY_OPTION, CA_OPTION, JSON_OPTION, MAX_DAYS } from "../options.ts";

/** Adds certificates to the list, and signs it anew. */
export const revoke: Command = {
  name: "revoke",
  summary: "put certificates on your CA's revocation list, or renew the list",
  usage: [
    "[--ca ca/ca.pem] [--ca-key ca/ca-key.pem] [--crl ca/crl.pem] [--reason REASON] [certificate.pem…]",
  ],
  examples: ["certificate.pem", "--reason keyCompromise certificate.pem"],
  options: {
    ca: CA_OPTION,
    "ca-key": CA_KEY_OPTION,
    crl: {
      type: "string",
      value: "FILE",
      help: "the list, made if it is missing; ca/crl.pem by default",
    },
    reason: {
      type: "string",
      value: "REASON",
      choices: REVOCATION_REASONS,
      help: "the reason: keyCompromise, superseded … (RFC 5280 section 5.3.1)",
    },
    days: { type: "string", value: "DAYS", help: "how many days until the next list; 30 by default" },
    "passphrase-file": PASSPHRASE_OPTION,
    json: JSON_OPTION,
  },
  positionals: [0, 1000, "certificate.pem"],
  async run(args, io) {
    const path = args.text("crl") ?? "ca/crl.pem";
    const reason = args.choice<RevocationReason>("reason", REVOCATION_REASONS);
    const days = args.integer("days", 1, MAX_DAYS);
    const authority = await readAuthority(args, io);
    const list = await existingList(path, authority);
    const revoked = new Map(Array.from(list?.revoked ?? [], (entry) => [toHex(entry.serialNumber), entry]));
    for (const file of args.positionals) {
      const [certificate] = await readCertificates(file, args, io);
      checkIssued(certificate, authority, file);
      const { serialNumber } = certificate;
      const known = revoked.get(toHex(serialNumber)) ?? { serialNumber, date: new Date() };
      revoked.set(toHex(serialNumber), { ...known, reason: known.reason ?? reason });
    }
    const number = nextNumber(list);
    const pem = createRevocationList(authority, { revoked: [...revoked.values()], number, days });
    await writeNewFile(path, pem, { force: true });
    await printResult(args, io, listJson(parseRevocationList(pem)), `${path}: ${revoked.size} revoked`);
    return 0;
  },
};

/** Reads the current list, if there is one; throws if another CA issued it. */
async function existingList(
  path: string,
  authority: CertificateAuthority,
): Promise<RevocationList | undefined> {
  if (!await exists(path)) return undefined;
  const file = await readSmallFile(path);
  const list = await naming(path, () => parseRevocationList(file));
  if (!isIssuedBy(list, authority.certificate)) throw new Error(`${path}: the list is not this CA's`);
  return list;
}

/** The number of the new list: the time in milliseconds, or more if the last number is ahead of that. Numbers only grow (RFC 5280 section 5.2.3). */
function nextNumber(list: RevocationList | undefined): bigint {
  const now = BigInt(Date.now());
  const next = (list?.number ?? 0n) + 1n;
  return next > now ? next : now;
}
