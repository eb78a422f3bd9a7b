/** What a file may make its reader do, and what it may ask for that is not done. */

import { ChannelError } from "../../../errors.ts";

/** The most iterations of a derivation: about ten seconds. */
export const MAX_ITERATIONS = 2_000_000;

/** Encryption that is known by name and not done. */
const OTHER_SCHEMES: ReadonlyMap<string, string> = new Map([
  ["1.2.840.113549.1.5.3", "PBES1 with MD5 and DES"],
  ["1.2.840.113549.1.5.6", "PBES1 with MD5 and RC2"],
  ["1.2.840.113549.1.5.10", "PBES1 with SHA-1 and DES"],
  ["1.2.840.113549.1.5.11", "PBES1 with SHA-1 and RC2"],
  ["1.2.840.113549.1.12.1.1", "128-bit RC4 of PKCS#12"],
  ["1.2.840.113549.1.12.1.2", "40-bit RC4 of PKCS#12"],
  ["1.3.14.3.2.7", "DES"],
]);

/** Returns the error for a derivation that would cost too much. */
export function tooExpensive(): ChannelError {
  return new ChannelError("limit", "deriving the encryption key would cost too much");
}

/** The error for an algorithm that is not done, by its name where it has one. */
export function unsupportedScheme(what: string, oid: string): ChannelError {
  return new ChannelError("unsupported", `the ${what} ${OTHER_SCHEMES.get(oid) ?? oid} is not supported`);
}
