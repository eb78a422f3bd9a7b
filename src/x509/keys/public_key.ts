/** SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7): RSA, RSASSA-PSS, EC and Ed25519 keys. */

import { decodePem, der, type DerReader, encodePem, readDer, TAG } from "../../asn1/mod.ts";
import { equalBytes } from "../../bytes.ts";
import { bitLength } from "../../bigint.ts";
import type { EcPublicKey, Ed25519PublicKey } from "../../crypto/ec/keys.ts";
import { curveByName } from "../../crypto/ec/weierstrass.ts";
import type { HashName } from "../../crypto/hash.ts";
import type { RsaNumbers, RsaPublicKey } from "../../crypto/rsa/mod.ts";
import { ChannelError } from "../../errors.ts";
import { type AlgorithmIdentifier, algorithmName, hasNullParameters, readAlgorithm } from "./algorithm.ts";
import { ID_EC_PUBLIC_KEY, ID_ED25519, ID_RSASSA_PSS, RSA_ENCRYPTION } from "../oids.ts";
import { oidOfCurve, readCurve } from "./curves.ts";
import { encodePssParameters, readPssParameters } from "./pss.ts";

/** The parameters of RSASSA-PSS in a key or signature (RFC 4055 section 3.1). MGF1 uses the same hash function. */
export interface PssParameters {
  /** The hash function. */
  readonly hash: HashName;
  /** The length of the salt in bytes. In the parameters of a key it is the minimum length. */
  readonly saltLength: number;
}

/** An RSA public key for PSS signatures only (RFC 4055 section 1.2). */
export interface RsaPssPublicKey extends RsaNumbers {
  /** Tells the kinds of key apart. */
  readonly type: "rsa-pss";
  /** The parameters that signatures must use; undefined if the key does not restrict them. */
  readonly parameters: PssParameters | undefined;
}

/** A public key. */
export type PublicKey = RsaPublicKey | RsaPssPublicKey | EcPublicKey | Ed25519PublicKey;

/** The largest RSA modulus that is read, in bits. */
const MAX_RSA_BITS = 8192;

/**
 * Reads a public key: a SubjectPublicKeyInfo in DER, or a PEM text with a `PUBLIC KEY` block. It also reads the older format
 * of RSA keys, PKCS#1 (`RSA PUBLIC KEY`).
 *
 * RSA moduli may have up to 8192 bits. Elliptic-curve points must be uncompressed, the form that every implementation
 * supports (RFC 5480 section 2.2). This function does not check whether a point is on its curve; functions that use the key
 * do.
 *
 * @throws {ChannelError} `"malformed"`; `"limit"` if an RSA modulus is too large; `"unsupported"`, naming the algorithm, for
 * another type of key.
 * @example
 * ```ts
 * import { exportPublicKey, parsePublicKey } from "@fesa/channel/x509";
 *
 * const pem = `-----BEGIN PUBLIC KEY-----
 * MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
 * -----END PUBLIC KEY-----`;
 * const key = parsePublicKey(pem);
 * if (key.type !== "ed25519" || exportPublicKey(key).length !== 44) throw new Error("not read");
 * ```
 */
export function parsePublicKey(source: Uint8Array | string): PublicKey {
  const spki = typeof source !== "string" && source[0] === TAG.sequence ? source : publicKeyBlock(source);
  return readDer(spki, "the public key", (reader) =>
    reader.within((info) => {
      if (info.has(TAG.integer)) return { type: "rsa", ...readRsaKey(info) };
      const algorithm = readAlgorithm(info);
      return subjectKey(algorithm, info.bitStringBytes());
    }));
}

/**
 * Returns a public key as a SubjectPublicKeyInfo in DER.
 *
 * @example
 * ```ts
 * import { exportPublicKey, pinOf } from "@fesa/channel/x509";
 * import { generateKeyPair } from "@fesa/channel/rsa";
 *
 * const { publicKey } = await generateKeyPair();
 * console.log(pinOf(exportPublicKey(publicKey))); // sha256:…
 * ```
 */
export function exportPublicKey(key: PublicKey): Uint8Array {
  switch (key.type) {
    case "rsa":
      return spkiOf([der.oid(RSA_ENCRYPTION), der.nul()], rsaKeyBytes(key));
    case "rsa-pss":
      return spkiOf([der.oid(ID_RSASSA_PSS), ...encodePssParameters(key.parameters)], rsaKeyBytes(key));
    case "ec":
      return spkiOf([der.oid(ID_EC_PUBLIC_KEY), der.oid(oidOfCurve(key.curve))], key.point);
    case "ed25519":
      return spkiOf([der.oid(ID_ED25519)], key.key);
  }
}

/**
 * Returns a public key as a PEM block `PUBLIC KEY`.
 *
 * @example
 * ```ts
 * import { exportPublicKeyPem, parsePublicKey } from "@fesa/channel/x509";
 * import { generateKeyPair } from "@fesa/channel/rsa";
 *
 * const { publicKey } = await generateKeyPair();
 * const pem = exportPublicKeyPem(publicKey);
 * if (parsePublicKey(pem).type !== "rsa") throw new Error("another kind of key");
 * ```
 */
export function exportPublicKeyPem(key: PublicKey): string {
  return encodePem("PUBLIC KEY", exportPublicKey(key));
}

/** Returns whether two keys are the same. */
export function samePublicKey(a: PublicKey, b: PublicKey): boolean {
  return equalBytes(exportPublicKey(a), exportPublicKey(b));
}

/** Returns the subjectPublicKey of a SubjectPublicKeyInfo: the bytes that are hashed for key identifiers and for OCSP. */
export function subjectKeyBits(spki: Uint8Array): Uint8Array {
  return readDer(spki, "the public key", (reader) =>
    reader.within((info) => {
      readAlgorithm(info);
      return info.bitStringBytes();
    }));
}

function publicKeyBlock(pem: string | Uint8Array): Uint8Array {
  const block = decodePem(pem).find(({ label }) => label === "PUBLIC KEY" || label === "RSA PUBLIC KEY");
  if (block === undefined) throw new ChannelError("malformed", "the text has no PUBLIC KEY block");
  return block.bytes;
}

function subjectKey(algorithm: AlgorithmIdentifier, bits: Uint8Array): PublicKey {
  switch (algorithm.oid) {
    case RSA_ENCRYPTION:
      if (!hasNullParameters(algorithm)) malformed("an RSA key has no NULL as its parameters"); // RFC 3279 2.3.1
      return { type: "rsa", ...readRsaBits(bits) };
    case ID_RSASSA_PSS:
      return { type: "rsa-pss", ...readRsaBits(bits), parameters: keyPssParameters(algorithm) };
    case ID_EC_PUBLIC_KEY:
      return ecKey(algorithm, bits);
    case ID_ED25519:
      if (algorithm.parameters !== undefined) malformed("an Ed25519 key has parameters"); // RFC 8410 section 3
      if (bits.length !== 32) malformed("an Ed25519 key does not have 32 bytes");
      return { type: "ed25519", key: bits };
    default:
      throw new ChannelError(
        "unsupported",
        `public keys of the type ${algorithmName(algorithm.oid)} are not supported`,
      );
  }
}

function keyPssParameters({ parameters }: AlgorithmIdentifier): PssParameters | undefined {
  return parameters === undefined ? undefined : readPssParameters(parameters);
}

function readRsaBits(bits: Uint8Array): RsaNumbers {
  return readDer(bits, "the RSA key", (reader) => reader.within(readRsaKey));
}

/** Reads RSAPublicKey (RFC 8017 appendix A.1.1). */
function readRsaKey(key: DerReader): RsaNumbers {
  const [n, e] = [key.integer(), key.integer()];
  if (n <= 0n || e <= 1n || (n & 1n) === 0n || (e & 1n) === 0n || e >= n) {
    malformed("an RSA key has invalid numbers");
  }
  if (bitLength(n) > MAX_RSA_BITS) {
    throw new ChannelError("limit", `an RSA modulus has more than ${MAX_RSA_BITS} bits`);
  }
  return { n, e };
}

function ecKey({ parameters }: AlgorithmIdentifier, bits: Uint8Array): EcPublicKey {
  if (parameters === undefined) malformed("an EC key names no curve");
  const curve = readDer(parameters, "the curve", readCurve);
  if (bits[0] === 2 || bits[0] === 3) throw new ChannelError("unsupported", "an EC point is compressed");
  if (bits[0] !== 4 || bits.length !== 1 + 2 * curveByName(curve).size) {
    malformed("an EC point does not have the length for its curve");
  }
  return { type: "ec", curve, point: bits };
}

function rsaKeyBytes({ n, e }: RsaNumbers): Uint8Array {
  return der.sequence(der.integer(n), der.integer(e));
}

function spkiOf(algorithm: readonly Uint8Array[], bits: Uint8Array): Uint8Array {
  return der.sequence(der.sequence(...algorithm), der.bitString(bits));
}

function malformed(what: string): never {
  throw new ChannelError("malformed", what);
}
