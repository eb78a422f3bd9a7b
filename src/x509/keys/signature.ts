/**
 * Signs and verifies with every signature scheme. Signatures are encoded as in certificates, requests, CRLs, OCSP responses
 * and TLS.
 */

import { der, readDer } from "../../asn1/mod.ts";
import type { EcdsaPrimitives, EcdsaSignature } from "../../crypto/ec/ecdsa.ts";
import type { EcPublicKey } from "../../crypto/ec/keys.ts";
import type { HashName } from "../../crypto/hash.ts";
import { PURE_SIGNATURES, type SignaturePrimitives } from "../../crypto/operations.ts";
import { signPkcs1, signPss, verifyPkcs1, verifyPss } from "../../crypto/rsa/mod.ts";
import type { PrivateKey } from "./private_key.ts";
import type { PssParameters } from "./public_key.ts";
import type { SignatureCheck, SignatureScheme } from "./signature_scheme.ts";

/**
 * Returns the signature of `data` with the scheme.
 *
 * @param primitives The primitives that compute the signature; this library's own code by default.
 * @throws {TypeError} If the key is not for this scheme.
 * @throws {ChannelError} `"unsupported"` or `"crypto"` if an RSA key is too short for the scheme, or its parts do not belong together.
 */
export function sign(
  key: PrivateKey,
  scheme: SignatureScheme,
  data: Uint8Array,
  { rsa, ecdsa, ed25519 }: SignaturePrimitives = PURE_SIGNATURES,
): Uint8Array {
  if (scheme.type === "rsa-pkcs1" && key.type === "rsa") {
    return signPkcs1(key, scheme.hash, data, undefined, rsa);
  }
  if (
    scheme.type === "rsa-pss" &&
    (key.type === "rsa" || key.type === "rsa-pss" && keyAllows(key.parameters, scheme))
  ) {
    return signPss(key, data, { ...scheme, primitives: rsa });
  }
  if (scheme.type === "ecdsa" && key.type === "ec") {
    const { r, s } = ecdsa.sign(key, scheme.hash, data);
    return der.sequence(der.integer(r), der.integer(s));
  }
  if (scheme.type === "ed25519" && key.type === "ed25519") return ed25519.sign(key, data);
  throw new TypeError(`a key of type ${key.type} cannot sign with ${scheme.type}`);
}

/** Returns a function that verifies signatures of every scheme with these primitives. */
export function signatureCheck({ rsa, ecdsa, ed25519 }: SignaturePrimitives): SignatureCheck {
  return (key, scheme, data, signature) => {
    switch (scheme.type) {
      case "rsa-pkcs1":
        return key.type === "rsa" && verifyPkcs1(key, scheme.hash, data, signature, rsa);
      case "rsa-pss":
        return (key.type === "rsa" || key.type === "rsa-pss" && keyAllows(key.parameters, scheme)) &&
          verifyPss(key, data, signature, { ...scheme, primitives: rsa });
      case "ecdsa":
        return key.type === "ec" && verifyEcdsaValue(ecdsa, key, scheme.hash, data, signature);
      case "ed25519":
        return key.type === "ed25519" && ed25519.verify(key.key, data, signature);
    }
  };
}

/** Verifies signatures of every scheme with this library's own code. */
export const verifySignature: SignatureCheck = signatureCheck(PURE_SIGNATURES);

/**
 * Returns whether the scheme has the key's hash function and a salt that is not shorter than the key's (RFC 4055 section
 * 3.3).
 */
function keyAllows(parameters: PssParameters | undefined, scheme: PssParameters): boolean {
  return parameters === undefined ||
    parameters.hash === scheme.hash && scheme.saltLength >= parameters.saltLength;
}

/** Verifies an Ecdsa-Sig-Value (RFC 3279 section 2.2.3). */
function verifyEcdsaValue(
  ecdsa: EcdsaPrimitives,
  key: EcPublicKey,
  hash: HashName,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  let value: EcdsaSignature;
  try {
    value = readDer(
      signature,
      "the signature",
      (reader) => reader.within((fields) => ({ r: fields.integer(), s: fields.integer() })),
    );
  } catch {
    return false;
  }
  return ecdsa.verify(key, hash, data, value);
}
