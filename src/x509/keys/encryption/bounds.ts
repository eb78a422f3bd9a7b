/** Bounds on the work that an encrypted file may cause, and errors for unsupported encryption. */

import type { DerReader } from "../../../asn1/mod.ts";
import { ChannelError } from "../../../errors.ts";

/** The most iterations of one key derivation. They take about ten seconds. */
export const MAX_ITERATIONS = 2_000_000;

/** The longest salt, in bytes. */
export const MAX_SALT = 1024;

/** Refuses parameters of PKCS#12's own derivation that are empty or cost too much. */
export function checkIterations(parameters: DerReader, iterations: number, salt: Uint8Array): void {
  if (iterations < 1 || salt.length === 0) parameters.fail("has no iterations or no salt");
  if (iterations > MAX_ITERATIONS || salt.length > MAX_SALT) throw tooExpensive();
}

/** Refuses a number of iterations that is out of bounds. */
export function checkNewIterations(iterations: number): void {
  if (!Number.isInteger(iterations) || iterations < 1 || iterations > MAX_ITERATIONS) {
    throw new RangeError(`iterations must be 1 to ${MAX_ITERATIONS}`);
  }
}

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

/** Returns the error for a key derivation that would take too long. */
export function tooExpensive(): ChannelError {
  return new ChannelError("limit", "deriving the encryption key would cost too much");
}

/** Returns the error for an unsupported algorithm, with its name if it is known. */
export function unsupportedScheme(what: string, oid: string): ChannelError {
  return new ChannelError("unsupported", `the ${what} ${OTHER_SCHEMES.get(oid) ?? oid} is not supported`);
}
