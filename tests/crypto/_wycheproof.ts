/** Reads Wycheproof files of RSA tests. */

import { vectorText } from "../_kit/mod.ts";
import { fromHex } from "../../src/bytes.ts";
import { bytesToBigInt } from "../../src/bigint.ts";
import type { HashName, RsaPublicKey } from "../../src/crypto/rsa/mod.ts";

/** One test, with byte strings in hexadecimal. */
export interface Case {
  readonly tcId: number;
  readonly comment: string;
  readonly flags: readonly string[];
  readonly result: "valid" | "invalid" | "acceptable";
  readonly msg: string;
  readonly sig: string;
  readonly ct: string;
  readonly label: string;
  readonly value: string;
}

export interface Group {
  readonly keySize: number;
  readonly sha: HashName;
  readonly mgf: string;
  readonly mgfSha: HashName;
  readonly sLen: number;
  readonly publicKey: { readonly modulus: string; readonly publicExponent: string };
  readonly privateKeyPkcs8: string;
  readonly tests: readonly Case[];
}

/** The groups of one file. */
export function groups(name: string): readonly Group[] {
  return JSON.parse(vectorText(`wycheproof/${name}_test.json`)).testGroups;
}

/** The public key of a group. */
export function publicKeyOf(group: Group): RsaPublicKey {
  const { modulus, publicExponent } = group.publicKey;
  return { type: "rsa", n: bytesToBigInt(fromHex(modulus)), e: bytesToBigInt(fromHex(publicExponent)) };
}
