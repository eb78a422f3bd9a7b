/** What a certificate is requested for on the command line: its names, and a key that is made if it is missing. */

import { parseAlternativeName } from "../../x509/names/alternative_name.ts";
import { type Arguments, UsageError } from "../command.ts";
import { exists } from "../files.ts";
import { alternativeNames, distinguishedName, nameOf } from "./names.ts";

/** Whether the key must be made. Refuses options for a new key if the key exists. */
export async function isNewKey(keyFile: string, args: Arguments): Promise<boolean> {
  if (!await exists(keyFile)) return true;
  for (const name of ["type", "bits", "encrypt"]) {
    if (args.has(name)) throw new UsageError(`--${name} is for a new key, and ${keyFile} already exists`);
  }
  return false;
}

/** The longest common name, in characters (RFC 5280 appendix A.1). */
const MAX_COMMON_NAME = 64;

/** Derives a missing subject from the first name, or a missing name from the subject's common name. */
export function requestedNames(
  args: Arguments,
): { readonly subject: string; readonly names: readonly string[] } {
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
