/** The signature schemes of certificates, requests, CRLs and OCSP responses, and their AlgorithmIdentifiers. */

import { der } from "../../asn1/mod.ts";
import { hashByName, type HashName } from "../../crypto/hash.ts";
import { ChannelError } from "../../errors.ts";
import { type AlgorithmIdentifier, algorithmName, hasNullParameters, oidByName } from "./algorithm.ts";
import {
  ECDSA_WITH_SHA1,
  ECDSA_WITH_SHA256,
  ECDSA_WITH_SHA384,
  ECDSA_WITH_SHA512,
  ID_ED25519,
  ID_RSASSA_PSS,
  SHA1_WITH_RSA_ENCRYPTION,
  SHA256_WITH_RSA_ENCRYPTION,
  SHA384_WITH_RSA_ENCRYPTION,
  SHA512_WITH_RSA_ENCRYPTION,
} from "../oids.ts";
import { encodePssParameters, readPssParameters } from "./pss.ts";
import type { PublicKey } from "./public_key.ts";

/** A signature scheme, with its parameters. */
export type SignatureScheme =
  | { readonly type: "rsa-pkcs1"; readonly hash: HashName }
  | { readonly type: "rsa-pss"; readonly hash: HashName; readonly saltLength: number }
  | { readonly type: "ecdsa"; readonly hash: HashName }
  | { readonly type: "ed25519"; readonly hash: undefined };

const PKCS1: ReadonlyMap<string, HashName> = new Map<string, HashName>([
  [SHA1_WITH_RSA_ENCRYPTION, "SHA-1"],
  [SHA256_WITH_RSA_ENCRYPTION, "SHA-256"],
  [SHA384_WITH_RSA_ENCRYPTION, "SHA-384"],
  [SHA512_WITH_RSA_ENCRYPTION, "SHA-512"],
]);

const ECDSA: ReadonlyMap<string, HashName> = new Map<string, HashName>([
  [ECDSA_WITH_SHA1, "SHA-1"],
  [ECDSA_WITH_SHA256, "SHA-256"],
  [ECDSA_WITH_SHA384, "SHA-384"],
  [ECDSA_WITH_SHA512, "SHA-512"],
]);

/**
 * Returns the scheme that an AlgorithmIdentifier names.
 *
 * @throws {ChannelError} `"unsupported"`, naming the algorithm, or `"malformed"` if its parameters are not allowed.
 */
export function signatureScheme(algorithm: AlgorithmIdentifier): SignatureScheme {
  const { oid, parameters } = algorithm;
  const pkcs1 = PKCS1.get(oid);
  if (pkcs1 !== undefined) {
    // RFC 4055 section 5: the parameters are NULL, and must also be accepted if omitted.
    if (parameters !== undefined && !hasNullParameters(algorithm)) wrongParameters(oid);
    return { type: "rsa-pkcs1", hash: pkcs1 };
  }
  if (oid === ID_RSASSA_PSS) {
    if (parameters === undefined) wrongParameters(oid);
    return { type: "rsa-pss", ...readPssParameters(parameters) };
  }
  const ecdsa = ECDSA.get(oid);
  if (ecdsa !== undefined) {
    // RFC 5758 section 3.2 allows no parameters. Some encoders write a NULL, as for RSA, and other implementations accept
    // it.
    if (parameters !== undefined && !hasNullParameters(algorithm)) wrongParameters(oid);
    return { type: "ecdsa", hash: ecdsa };
  }
  if (oid === ID_ED25519) {
    if (parameters !== undefined) wrongParameters(oid); // RFC 8410 section 3
    return { type: "ed25519", hash: undefined };
  }
  throw new ChannelError("unsupported", `the signature algorithm ${algorithmName(oid)} is not supported`);
}

/** Returns the AlgorithmIdentifier of a scheme: the inverse of {@link signatureScheme}. */
export function encodeSignatureScheme(scheme: SignatureScheme): Uint8Array {
  switch (scheme.type) {
    case "rsa-pkcs1":
      return der.sequence(der.oid(oidByName(PKCS1, scheme.hash)), der.nul());
    case "rsa-pss":
      return der.sequence(der.oid(ID_RSASSA_PSS), ...encodePssParameters(scheme));
    case "ecdsa":
      return der.sequence(der.oid(oidByName(ECDSA, scheme.hash)));
    case "ed25519":
      return der.sequence(der.oid(ID_ED25519));
  }
}

/** The hash functions as strong as the curves (RFC 5480 section 4). */
const CURVE_HASHES = { "P-256": "SHA-256", "P-384": "SHA-384", "P-521": "SHA-512" } as const;

/**
 * Returns the scheme with which a key signs certificates, requests and lists. The default hash function is the one in the
 * key's parameters, otherwise one as strong as its curve, otherwise SHA-256.
 *
 * @throws {TypeError} If `hash` differs from the one in the key's parameters, or is given for Ed25519, which has a fixed
 * one.
 */
export function schemeOfKey(key: PublicKey, hash?: HashName): SignatureScheme {
  switch (key.type) {
    case "rsa":
      return { type: "rsa-pkcs1", hash: hash ?? "SHA-256" };
    case "rsa-pss": {
      const own = key.parameters?.hash ?? hash ?? "SHA-256";
      if (hash !== undefined && hash !== own) {
        throw new TypeError(`the key signs only with ${own}, not with ${hash}`);
      }
      const saltLength = Math.max(key.parameters?.saltLength ?? 0, hashByName(own).outputLen);
      return { type: "rsa-pss", hash: own, saltLength };
    }
    case "ec":
      return { type: "ecdsa", hash: hash ?? CURVE_HASHES[key.curve] };
    case "ed25519":
      if (hash !== undefined) throw new TypeError("an Ed25519 key does not accept a hash function");
      return { type: "ed25519", hash: undefined };
  }
}

/**
 * Returns whether `signature` is a valid signature of `data` under the key. Also returns false if the key cannot use the
 * scheme.
 */
export type SignatureCheck = (
  key: PublicKey,
  scheme: SignatureScheme,
  data: Uint8Array,
  signature: Uint8Array,
) => boolean;

function wrongParameters(oid: string): never {
  throw new ChannelError(
    "malformed",
    `a signature algorithm has the wrong parameters: ${algorithmName(oid)}`,
  );
}
