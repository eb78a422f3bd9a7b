/** Bounds on the work that an encrypted file may cause, and errors for unsupported encryption. */

import { ChannelError } from "../../../errors.ts";

/** The most iterations of a derivation; they take about ten seconds. */
export const MAX_ITERATIONS = 2_000_000;

/** Names of encryption schemes that are not supported. */
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

/** Returns the error for an unsupported algorithm, with its name if it is known. */
export function unsupportedScheme(what: string, oid: string): ChannelError {
  return new ChannelError("unsupported", `the ${what} ${OTHER_SCHEMES.get(oid) ?? oid} is not supported`);
}
