/** RSA keys as JSON Web Keys (RFC 7517, RFC 7518 section 6.3) and as WebCrypto's CryptoKey. */

import { fromBase64, toBase64 } from "../../bytes.ts";
import { bigIntToBytes, bitLength, bytesToBigInt } from "../../bigint.ts";
import { checkPrivateKey, checkPublicKey } from "../../crypto/rsa/mod.ts";
import type { RsaPrivateKey, RsaPublicKey } from "../../crypto/rsa/mod.ts";
import { ChannelError } from "../../errors.ts";

/** An RSA key as a JSON Web Key: numbers in base64url. A private key has all of the members after `e`. */
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

const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi"] as const;

/**
 * Writes an RSA key as a JSON Web Key.
 *
 * @example
 * ```ts
 * import { exportJwk, importJwk } from "@fesa/channel/x509";
 * import { generateKeyPair } from "@fesa/channel/rsa";
 *
 * const { privateKey } = await generateKeyPair();
 * const text = JSON.stringify(exportJwk(privateKey));
 * const key = importJwk(JSON.parse(text));
 * if (!("d" in key) || key.n !== privateKey.n) throw new Error("another key");
 * ```
 */
export function exportJwk(key: RsaPublicKey | RsaPrivateKey): RsaJwk {
  const members = { kty: "RSA" as const, n: encodeNumber(key.n), e: encodeNumber(key.e) };
  if (!("d" in key)) return members;
  return {
    ...members,
    ...Object.fromEntries(PRIVATE_MEMBERS.map((member) => [member, encodeNumber(key[member])])),
  };
}

/**
 * Reads an RSA key from a JSON Web Key, already parsed from its JSON: a private key where it has `d`, of 1024 to 8192
 * bits. Members that are not about the key's numbers (`alg`, `use`, `kid` …) are passed over.
 *
 * @throws ChannelError `malformed` where it is no such object, or its numbers do not fit; `unsupported` for other kinds
 *   of key, other sizes, more than two primes, or private keys without their primes.
 *
 * @example
 * ```ts
 * import { exportJwk, importJwk } from "@fesa/channel/x509";
 * import { generateKeyPair } from "@fesa/channel/rsa";
 *
 * const { publicKey } = await generateKeyPair();
 * if (importJwk(exportJwk(publicKey)).n !== publicKey.n) throw new Error("another key");
 * ```
 */
export function importJwk(jwk: unknown): RsaPublicKey | RsaPrivateKey {
  if (typeof jwk !== "object" || jwk === null) throw malformed("is not an object");
  const members = jwk as Readonly<Record<string, unknown>>;
  if (typeof members.kty !== "string") throw malformed("has no kty");
  if (members.kty !== "RSA") throw unsupported(`of the kind ${members.kty.slice(0, 20)}`);
  if (members.oth !== undefined) throw unsupported("with more than two primes");
  const number = (name: string) => decodeNumber(name, members[name]);
  const publicKey: RsaPublicKey = { type: "rsa", n: number("n"), e: number("e") };
  if (members.d === undefined) {
    checkPublicKey(publicKey, { allowWeak: true });
    return publicKey;
  }
  if (members.p === undefined) throw unsupported("without its primes");
  const [d, p, q, dp, dq, qi] = PRIVATE_MEMBERS.map(number);
  const privateKey: RsaPrivateKey = { ...publicKey, d, p, q, dp, dq, qi };
  checkPrivateKey(privateKey, { allowWeak: true });
  return privateKey;
}

/** What a CryptoKey is to be used for, in WebCrypto's names. */
export interface CryptoKeyUse {
  /** The algorithm. */
  readonly name: "RSASSA-PKCS1-v1_5" | "RSA-PSS" | "RSA-OAEP";
  /** The hash function. */
  readonly hash: "SHA-1" | "SHA-256" | "SHA-384" | "SHA-512";
  /** Whether the CryptoKey can be exported again; false by default. */
  readonly extractable?: boolean;
}

/**
 * Makes a WebCrypto key of an RSA key, for all that the algorithm lets such a key do.
 *
 * @throws ChannelError `unsupported` where the platform has no `crypto.subtle` (outside secure contexts), or refuses the
 *   key.
 *
 * @example
 * ```ts
 * import { exportCryptoKey } from "@fesa/channel/x509";
 * import { generateKeyPair } from "@fesa/channel/rsa";
 *
 * const { privateKey } = await generateKeyPair();
 * const key = await exportCryptoKey(privateKey, { name: "RSA-PSS", hash: "SHA-256" });
 * const signature = await crypto.subtle.sign({ name: "RSA-PSS", saltLength: 32 }, key, new Uint8Array(3));
 * ```
 */
export async function exportCryptoKey(
  key: RsaPublicKey | RsaPrivateKey,
  use: CryptoKeyUse,
): Promise<CryptoKey> {
  const { name, hash, extractable = false } = use;
  const [publicUse, privateUse] = name === "RSA-OAEP"
    ? ["encrypt", "decrypt"] as const
    : ["verify", "sign"] as const;
  const usages = ["d" in key ? privateUse : publicUse];
  return await attempt((subtle) =>
    subtle.importKey("jwk", exportJwk(key), { name, hash }, extractable, usages)
  );
}

/**
 * Reads an RSA key out of a WebCrypto key, which must be extractable.
 *
 * @throws ChannelError `unsupported` where the platform has no `crypto.subtle`, or the key is not an extractable RSA key
 *   of 1024 to 8192 bits.
 *
 * @example
 * ```ts
 * import { importCryptoKey } from "@fesa/channel/x509";
 *
 * const algorithm = {
 *   name: "RSA-OAEP",
 *   hash: "SHA-256",
 *   modulusLength: 2048,
 *   publicExponent: Uint8Array.of(1, 0, 1),
 * };
 * const { privateKey } = await crypto.subtle.generateKey(algorithm, true, ["encrypt", "decrypt"]);
 * const key = await importCryptoKey(privateKey);
 * if (!("d" in key)) throw new Error("not the private key");
 * ```
 */
export async function importCryptoKey(key: CryptoKey): Promise<RsaPublicKey | RsaPrivateKey> {
  return importJwk(await attempt((subtle) => subtle.exportKey("jwk", key)));
}

async function attempt<T>(work: (subtle: SubtleCrypto) => Promise<T>): Promise<T> {
  const subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle;
  if (subtle === undefined) throw new ChannelError("unsupported", "this platform has no crypto.subtle");
  try {
    return await work(subtle);
  } catch (cause) {
    throw new ChannelError("unsupported", "the platform refuses to convert this key", { cause });
  }
}

/** Base64urlUInt (RFC 7518 section 2): big-endian, as short as can be. */
function encodeNumber(value: bigint): string {
  const bytes = bigIntToBytes(value, Math.ceil(bitLength(value) / 8));
  return toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** More than any number of an 8192-bit key takes; larger moduli are refused by their size. */
const MAX_ENCODED_LENGTH = 4096;

function decodeNumber(name: string, value: unknown): bigint {
  if (typeof value !== "string" || !/^[A-Za-z0-9_-]+$/.test(value) || value.length > MAX_ENCODED_LENGTH) {
    throw malformed(`has no number ${name}`);
  }
  const base64 = value.replaceAll("-", "+").replaceAll("_", "/");
  try {
    return bytesToBigInt(fromBase64(base64.padEnd(Math.ceil(base64.length / 4) * 4, "=")));
  } catch {
    throw malformed(`has no number ${name}`);
  }
}

function malformed(how: string): ChannelError {
  return new ChannelError("malformed", `the JSON Web Key ${how}`);
}

function unsupported(what: string): ChannelError {
  return new ChannelError("unsupported", `JSON Web Keys ${what} are not supported`);
}
