/** Reads names from the command line, before any work is done. */

import { parseNameLimit } from "../../x509/issuing/name_limits.ts";
import { parseAlternativeName } from "../../x509/names/alternative_name.ts";
import { type Name, parseName } from "../../x509/names/name.ts";
import { hostNameToSend } from "../../x509/names/server_name.ts";
import { encodeSubject } from "../../x509/names/subject.ts";
import { type Arguments, usage, UsageError } from "../command.ts";

/** A distinguished name from its text. */
export function nameOf(subject: string): Name {
  return parseName(encodeSubject(subject));
}

/** The distinguished name that an option gives. */
export function distinguishedName(args: Arguments, option: string): string | undefined {
  const name = args.text(option);
  if (name !== undefined) usage(option, () => encodeSubject(name));
  return name;
}

/** The subject alternative names of `--san`, separated by commas. */
export function alternativeNames(args: Arguments): readonly string[] {
  const names = args.items("san");
  for (const name of names) usage("san", () => parseAlternativeName(name));
  return names;
}

/** The domains and address ranges of an option, separated by commas. */
export function nameLimits(args: Arguments, option: string): readonly string[] {
  const names = args.items(option);
  for (const name of names) usage(option, () => parseNameLimit(name));
  return names;
}

/** The server's name of `--name`. */
export function serverName(args: Arguments): string | undefined {
  const name = args.text("name");
  if (name === undefined) return undefined;
  try {
    hostNameToSend(name, "--name");
  } catch (error) {
    throw new UsageError((error as TypeError).message);
  }
  return name;
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
