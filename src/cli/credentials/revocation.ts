/** Reads the options for revocation. */

import {
  type Certificate,
  readRevocationLists,
  type RevocationList,
  type VerifyOptions,
} from "../../x509/mod.ts";
import type { Arguments, Io } from "../command.ts";
import { naming, readSmallFile } from "../files.ts";
import { MAX_DAYS } from "../options.ts";
import { readCertificates } from "./read.ts";

/** How revocation is checked. */
export type Revocation = Pick<VerifyOptions, "crls" | "crlIssuers" | "maximumAgeDays" | "revocation">;

/** Reads a command's options for revocation. */
export async function readRevocation(args: Arguments, io: Io): Promise<Revocation> {
  return {
    crls: await readListFiles(args.list("crl")),
    crlIssuers: await readIssuers(args.list("crl-issuer"), args, io),
    maximumAgeDays: args.integer("crl-days", 0, MAX_DAYS),
    revocation: args.flag("require-crl") ? "hard" : "soft",
  };
}

/** Reads the certificates of the signers of revocation lists; undefined if no file is given. */
export async function readIssuers(
  paths: readonly string[],
  args: Arguments,
  io: Io,
): Promise<readonly Certificate[] | undefined> {
  const issuers: Certificate[] = [];
  for (const path of paths) issuers.push(...await readCertificates(path, args, io));
  return issuers.length > 0 ? issuers : undefined;
}

/** Reads revocation lists from files, PEM or DER, without blocking a running server. Throws if a file has none. */
export async function readListFiles(paths: readonly string[]): Promise<RevocationList[]> {
  const lists: RevocationList[] = [];
  for (const path of paths) {
    const file = await readSmallFile(path);
    const found = await naming(path, () => readRevocationLists(file));
    if (found.length === 0) throw new Error(`${path}: there is no revocation list in it`);
    lists.push(...found);
  }
  return lists;
}
