/** Signatures of every kind, as certificates, requests, CRLs, OCSP responses and TLS carry them. */

import { der, readDer } from "../../asn1/mod.ts";
import { type EcdsaSignature, signEcdsa, verifyEcdsa } from "../../crypto/ec/ecdsa.ts";
import { signEd25519, verifyEd25519 } from "../../crypto/ec/ed25519.ts";
import type { EcPublicKey } from "../../crypto/ec/keys.ts";
import type { HashName } from "../../crypto/hash.ts";
import { signPkcs1, signPss, verifyPss } from "../../crypto/rsa/mod.ts";
import type { PrivateKey } from "./private_key.ts";
import type { PssParameters } from "./public_key.ts";
import { type SignatureCheck, type SignatureScheme, verifyPkcs1Alone } from "./signature_scheme.ts";

/**
 * Signs `data` in the scheme.
 *
 * @throws {TypeError} If the key is not for this scheme.
 * @throws {ChannelError} `"unsupported"` or `"crypto"` if an RSA key is too short for the scheme, or its parts do not fit.
 */
export function sign(key: PrivateKey, scheme: SignatureScheme, data: Uint8Array): Uint8Array {
  if (scheme.type === "rsa-pkcs1" && key.type === "rsa") return signPkcs1(key, scheme.hash, data);
  if (
    scheme.type === "rsa-pss" &&
    (key.type === "rsa" || key.type === "rsa-pss" && keyAllows(key.parameters, scheme))
  ) {
    return signPss(key, data, scheme);
  }
  if (scheme.type === "ecdsa" && key.type === "ec") {
    const { r, s } = signEcdsa(key, scheme.hash, data);
    return der.sequence(der.integer(r), der.integer(s));
  }
  if (scheme.type === "ed25519" && key.type === "ed25519") return signEd25519(key, data);
  throw new TypeError(`a key of type ${key.type} does not sign by ${scheme.type}`);
}

/** The check for every scheme that there is. */
export const verifySignature: SignatureCheck = (key, scheme, data, signature) => {
  switch (scheme.type) {
    case "rsa-pkcs1":
      return verifyPkcs1Alone(key, scheme, data, signature);
    case "rsa-pss":
      return (key.type === "rsa" || key.type === "rsa-pss" && keyAllows(key.parameters, scheme)) &&
        verifyPss(key, data, signature, scheme);
    case "ecdsa":
      return key.type === "ec" && verifyEcdsaValue(key, scheme.hash, data, signature);
    case "ed25519":
      return key.type === "ed25519" && verifyEd25519(key.key, data, signature);
  }
};

/** RFC 4055 section 3.3: the hash function is the key's, the salt at least as long as the key says. */
function keyAllows(parameters: PssParameters | undefined, scheme: PssParameters): boolean {
  return parameters === undefined ||
    parameters.hash === scheme.hash && scheme.saltLength >= parameters.saltLength;
}

/** Ecdsa-Sig-Value (RFC 3279 section 2.2.3). */
function verifyEcdsaValue(
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
  return verifyEcdsa(key, hash, data, value);
}
