/** The members of JSON Web Keys that hold a key's numbers (RFC 7518 sections 6.2 and 6.3). */

import { bigIntToBytes, bitLength } from "../bigint.ts";
import { toBase64Url } from "../bytes.ts";
import type { EcPublicKey } from "./ec/keys.ts";
import type { CurveName } from "./ec/weierstrass.ts";
import type { RsaNumbers, RsaPrivateNumbers } from "./rsa/key.ts";

/** The curve and the coordinates of a point on it, each as long as the field. */
export interface EcMembers {
  readonly crv: CurveName;
  readonly x: string;
  readonly y: string;
}

/** Returns the members of a public key on a NIST curve. */
export function ecMembers({ curve, point }: EcPublicKey): EcMembers {
  const half = (point.length - 1) / 2;
  return {
    crv: curve,
    x: toBase64Url(point.subarray(1, 1 + half)),
    y: toBase64Url(point.subarray(1 + half)),
  };
}

/** The members that only private RSA keys have. */
export const RSA_PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi"] as const;

/** The numbers of an RSA key: `n` and `e`, and for a private key the secret ones too. */
export type RsaMembers =
  & { readonly n: string; readonly e: string }
  & { readonly [Name in (typeof RSA_PRIVATE_MEMBERS)[number]]?: string };

/** Returns the members of an RSA key, including the secret ones of a private key. */
export function rsaMembers(key: RsaNumbers | RsaPrivateNumbers): RsaMembers {
  const members = { n: encodeNumber(key.n), e: encodeNumber(key.e) };
  if (!("d" in key)) return members;
  const secret = RSA_PRIVATE_MEMBERS.map((member) => [member, encodeNumber(key[member])]);
  return { ...members, ...Object.fromEntries(secret) };
}

/** Base64urlUInt (RFC 7518 section 2): big-endian, in the fewest bytes. */
function encodeNumber(value: bigint): string {
  return toBase64Url(bigIntToBytes(value, Math.ceil(bitLength(value) / 8)));
}
