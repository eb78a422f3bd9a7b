/** Keys as JSON Web Keys (RFC 7517, RFC 7518 sections 6.2 and 6.3, RFC 8037). */

import { bytesToBigInt } from "../../bigint.ts";
import { concat, equalBytes, fromBase64Url, toBase64Url } from "../../bytes.ts";
import { ed25519PrivateKey } from "../../crypto/ec/ed25519.ts";
import { ecPrivateKey } from "../../crypto/ec/keys.ts";
import { curveByName, type CurveName, decodePoint } from "../../crypto/ec/weierstrass.ts";
import { ecMembers, RSA_PRIVATE_MEMBERS, rsaMembers } from "../../crypto/jwk_members.ts";
import { checkPrivateKey, checkPublicKey } from "../../crypto/rsa/mod.ts";
import { ChannelError } from "../../errors.ts";
import type { PrivateKey } from "./private_key.ts";
import type { PublicKey } from "./public_key.ts";

/** An RSA key as a JSON Web Key: numbers in base64url. A private key has all members after `e`. */
export interface RsaJwk {
  /** The kind of key. */
  readonly kty: "RSA";
  /** The modulus. */
  readonly n: string;
  /** The public exponent. */
  readonly e: string;
  /** The private exponent. */
  readonly d?: string;
  /** The first prime. */
  readonly p?: string;
  /** The second prime. */
  readonly q?: string;
  /** `d` modulo `p - 1`. */
  readonly dp?: string;
  /** `d` modulo `q - 1`. */
  readonly dq?: string;
  /** The inverse of `q` modulo `p`. */
  readonly qi?: string;
}

/** A key on a NIST curve as a JSON Web Key. */
export interface EcJwk {
  /** The kind of key. */
  readonly kty: "EC";
  /** The curve. */
  readonly crv: CurveName;
  /** The first coordinate of the public point, as long as the field. */
  readonly x: string;
  /** The second coordinate. */
  readonly y: string;
  /** The secret scalar of a private key, as long as the curve's order. */
  readonly d?: string;
}

/** An Ed25519 key as a JSON Web Key (RFC 8037). */
export interface OkpJwk {
  /** The kind of key. */
  readonly kty: "OKP";
  /** The curve. */
  readonly crv: "Ed25519";
  /** The public key. */
  readonly x: string;
  /** The secret bytes of a private key. */
  readonly d?: string;
}

/** A JSON Web Key of a kind that this library reads and writes. */
export type Jwk = RsaJwk | EcJwk | OkpJwk;

/**
 * Returns a key as a JSON Web Key. The PSS parameters of an RSA key for PSS are lost, since the format cannot express them.
 *
 * @example
 * ```ts
 * import { exportJwk, generateKey, importJwk } from "@fesa/channel/x509";
 *
 * const text = JSON.stringify(exportJwk(await generateKey("p256")));
 * if (importJwk(JSON.parse(text)).type !== "ec") throw new Error("another key");
 * ```
 */
export function exportJwk(key: PublicKey | PrivateKey): Jwk {
  switch (key.type) {
    case "rsa":
    case "rsa-pss":
      return { kty: "RSA", ...rsaMembers(key) };
    case "ec":
      return { kty: "EC", ...ecMembers(key), ...("d" in key ? { d: toBase64Url(key.d) } : {}) };
    case "ed25519":
      return {
        kty: "OKP",
        crv: "Ed25519",
        x: toBase64Url(key.key),
        ...("d" in key ? { d: toBase64Url(key.d) } : {}),
      };
  }
}

/**
 * Reads a key from a JSON Web Key, an object already parsed from JSON. It is a private key if it has the member `d`. RSA
 * keys have 1024 to 8192 bits. Other members (`alg`, `use`, `kid` …) are ignored.
 *
 * @throws {ChannelError} `"malformed"` if it is not a JSON Web Key, or its numbers do not belong together; `"unsupported"`
 *   for other kinds or sizes of key, more than two primes, or a private RSA key without its primes.
 *
 * @example
 * ```ts
 * import { exportJwk, generateKey, importJwk, publicKeyOf } from "@fesa/channel/x509";
 *
 * const publicKey = publicKeyOf(await generateKey("ed25519"));
 * if ("d" in importJwk(exportJwk(publicKey))) throw new Error("the secret half was exported");
 * ```
 */
export function importJwk(jwk: unknown): PublicKey | PrivateKey {
  if (typeof jwk !== "object" || jwk === null) throw malformed("is not an object");
  const members = jwk as Members;
  if (typeof members.kty !== "string") throw malformed("has no kty");
  switch (members.kty) {
    case "RSA":
      return importRsa(members);
    case "EC":
      return importEc(members);
    case "OKP":
      return importOkp(members);
    default:
      throw unsupported(`of the kind ${members.kty.slice(0, 20)}`);
  }
}

type Members = Readonly<Record<string, unknown>>;

function importRsa(members: Members): PublicKey | PrivateKey {
  if (members.oth !== undefined) throw unsupported("with more than two primes");
  const number = (name: string) => bytesToBigInt(decodeBytes(members, name));
  const publicKey = { type: "rsa", n: number("n"), e: number("e") } as const;
  if (members.d === undefined) {
    checkPublicKey(publicKey, { allowWeak: true });
    return publicKey;
  }
  if (members.p === undefined) throw unsupported("without their primes");
  const [d, p, q, dp, dq, qi] = RSA_PRIVATE_MEMBERS.map(number);
  const privateKey = { ...publicKey, d, p, q, dp, dq, qi };
  checkPrivateKey(privateKey, { allowWeak: true });
  return privateKey;
}

function importEc(members: Members): PublicKey | PrivateKey {
  const { crv } = members;
  if (crv !== "P-256" && crv !== "P-384" && crv !== "P-521") {
    throw unsupported(`on the curve ${curveText(crv)}`);
  }
  const { size } = curveByName(crv);
  const point = concat(
    Uint8Array.of(4),
    decodeBytes(members, "x", size),
    decodeBytes(members, "y", size),
  );
  decodePoint(curveByName(crv), point);
  if (members.d === undefined) return { type: "ec", curve: crv, point };
  const key = ecPrivateKey(crv, decodeBytes(members, "d", size));
  if (!equalBytes(key.point, point)) throw malformed("has a public key that does not belong to it");
  return key;
}

function importOkp(members: Members): PublicKey | PrivateKey {
  if (members.crv !== "Ed25519") throw unsupported(`on the curve ${curveText(members.crv)}`);
  const publicKey = { type: "ed25519", key: decodeBytes(members, "x", 32) } as const;
  if (members.d === undefined) return publicKey;
  const key = ed25519PrivateKey(decodeBytes(members, "d", 32));
  if (!equalBytes(key.key, publicKey.key)) throw malformed("has a public key that does not belong to it");
  return key;
}

function curveText(crv: unknown): string {
  return typeof crv === "string" ? crv.slice(0, 20) : "that is not named";
}

/** The most characters of an encoded number. An 8192-bit key needs fewer; the size of the modulus is checked later. */
const MAX_ENCODED_LENGTH = 4096;

function decodeBytes(members: Members, name: string, length?: number): Uint8Array {
  const value = members[name];
  if (typeof value !== "string" || !/^[A-Za-z0-9_-]+$/.test(value) || value.length > MAX_ENCODED_LENGTH) {
    throw malformed(`has no number ${name}`);
  }
  let bytes: Uint8Array;
  try {
    bytes = fromBase64Url(value);
  } catch {
    throw malformed(`has no number ${name}`);
  }
  if (length !== undefined && bytes.length !== length) throw malformed(`has a ${name} of the wrong size`);
  return bytes;
}

function malformed(how: string): ChannelError {
  return new ChannelError("malformed", `the JSON Web Key ${how}`);
}

function unsupported(what: string): ChannelError {
  return new ChannelError("unsupported", `JSON Web Keys ${what} are not supported`);
}
