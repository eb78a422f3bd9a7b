/**
 * Signatures on certificates, requests, CRLs and OCSP responses, of every kind.
 *
 * Verification handles no secret: keys, data and signatures are public, so nothing here needs to be constant-time.
 */

import { readDer } from "../../asn1/mod.ts";
import { verifyEcdsa } from "../../crypto/ecdsa.ts";
import { verifyEd25519 } from "../../crypto/ed25519.ts";
import type { HashName } from "../../crypto/hash.ts";
import { verifyPss } from "../../crypto/rsa/mod.ts";
import type { PssParameters, PublicKey } from "./public_key.ts";
import { type SignatureCheck, verifyPkcs1Alone } from "./signature_scheme.ts";

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
