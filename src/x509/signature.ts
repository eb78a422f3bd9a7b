/**
 * Signatures on certificates, requests, CRLs and OCSP responses: an AlgorithmIdentifier and a key say how to verify.
 *
 * Verification handles no secret: keys, data and signatures are public, so nothing here needs to be constant-time.
 */

import { readDer } from "../asn1/mod.ts";
import { verifyEcdsa } from "../crypto/ecdsa.ts";
import { verifyEd25519 } from "../crypto/ed25519.ts";
import type { HashName } from "../crypto/hash.ts";
import { verifyPkcs1, verifyPss } from "../crypto/rsa/mod.ts";
import { ChannelError } from "../errors.ts";
import { type AlgorithmIdentifier, algorithmName, hasNullParameters } from "./algorithm.ts";
import { readPssParameters } from "./pss.ts";
import type { PssParameters, PublicKey } from "./public_key.ts";

/** How a signature was made. */
export type SignatureScheme =
  | { readonly type: "rsa-pkcs1"; readonly hash: HashName }
  | { readonly type: "rsa-pss"; readonly hash: HashName; readonly saltLength: number }
  | { readonly type: "ecdsa"; readonly hash: HashName }
  | { readonly type: "ed25519"; readonly hash: undefined };

const PKCS1: ReadonlyMap<string, HashName> = new Map<string, HashName>([
  ["1.2.840.113549.1.1.5", "SHA-1"],
  ["1.2.840.113549.1.1.11", "SHA-256"],
  ["1.2.840.113549.1.1.12", "SHA-384"],
  ["1.2.840.113549.1.1.13", "SHA-512"],
]);

const ECDSA: ReadonlyMap<string, HashName> = new Map<string, HashName>([
  ["1.2.840.10045.4.1", "SHA-1"],
  ["1.2.840.10045.4.3.2", "SHA-256"],
  ["1.2.840.10045.4.3.3", "SHA-384"],
  ["1.2.840.10045.4.3.4", "SHA-512"],
]);

const RSA_PSS = "1.2.840.113549.1.1.10";
const ED25519 = "1.3.101.112";

/**
 * What an AlgorithmIdentifier says about a signature.
 *
 * @throws {ChannelError} `"unsupported"`, naming the algorithm, or `"malformed"` for parameters it may not have.
 */
export function signatureScheme(algorithm: AlgorithmIdentifier): SignatureScheme {
  const { oid, parameters } = algorithm;
  const pkcs1 = PKCS1.get(oid);
  if (pkcs1 !== undefined) {
    // RFC 4055 section 5: the parameters are NULL, and everyone must take them left out too.
    if (parameters !== undefined && !hasNullParameters(algorithm)) wrongParameters(oid);
    return { type: "rsa-pkcs1", hash: pkcs1 };
  }
  if (oid === RSA_PSS) {
    if (parameters === undefined) wrongParameters(oid);
    return { type: "rsa-pss", ...readPssParameters(parameters) };
  }
  // RFC 5758 section 3.2 and RFC 8410 section 3: no parameters.
  const ecdsa = ECDSA.get(oid);
  if ((ecdsa !== undefined || oid === ED25519) && parameters !== undefined) wrongParameters(oid);
  if (ecdsa !== undefined) return { type: "ecdsa", hash: ecdsa };
  if (oid === ED25519) return { type: "ed25519", hash: undefined };
  throw new ChannelError("unsupported", `a signature is of an unsupported kind: ${algorithmName(oid)}`);
}

/** Whether `signature` is that of `data` under the key. False too where the scheme is none that the key is for. */
export function verifySignature(
  key: PublicKey,
  scheme: SignatureScheme,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  switch (scheme.type) {
    case "rsa-pkcs1":
      return key.type === "rsa" && verifyPkcs1(key, scheme.hash, data, signature);
    case "rsa-pss":
      return (key.type === "rsa" || key.type === "rsa-pss" && keyAllows(key.parameters, scheme)) &&
        verifyPss(key, data, signature, scheme);
    case "ecdsa":
      return key.type === "ec" && verifyEcdsaValue(key, scheme.hash, data, signature);
    case "ed25519":
      return key.type === "ed25519" && verifyEd25519(key.key, data, signature);
  }
}

/** RFC 4055 section 3.3: the hash function is the key's, the salt at least as long as the key says. */
function keyAllows(parameters: PssParameters | undefined, scheme: PssParameters): boolean {
  return parameters === undefined ||
    parameters.hash === scheme.hash && scheme.saltLength >= parameters.saltLength;
}

/** Ecdsa-Sig-Value (RFC 3279 section 2.2.3). */
function verifyEcdsaValue(
  key: Extract<PublicKey, { type: "ec" }>,
  hash: HashName,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  let value: { r: bigint; s: bigint };
  try {
    value = readDer(
      signature,
      "the signature",
      (reader) => reader.within((fields) => ({ r: fields.integer(), s: fields.integer() })),
    );
  } catch {
    return false;
  }
  return verifyEcdsa(key.curve, key.point, hash, data, value.r, value.s);
}

function wrongParameters(oid: string): never {
  throw new ChannelError(
    "malformed",
    `a signature algorithm has the wrong parameters: ${algorithmName(oid)}`,
  );
}
