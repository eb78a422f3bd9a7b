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
  const names = args.list("san").flatMap((list) => list.split(",")).map((name) => name.trim());
  for (const name of names) usage("san", () => parseAlternativeName(name));
  return names;
}

/** The domains and address ranges of an option, separated by commas. */
export function nameLimits(args: Arguments, option: string): readonly string[] {
  const names = args.list(option).flatMap((list) => list.split(",")).map((name) => name.trim());
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
