/** PKCS#8: OneAsymmetricKey (RFC 5958 section 2, RFC 8410 section 7), plain and encrypted. */

import { constructed, context, der, type DerReader, readDer } from "../../asn1/mod.ts";
import { equalBytes } from "../../bytes.ts";
import { ed25519PrivateKey } from "../../crypto/ec/ed25519.ts";
import type { EcPrivateKey, Ed25519PrivateKey } from "../../crypto/ec/keys.ts";
import { ChannelError } from "../../errors.ts";
import { ID_EC_PUBLIC_KEY, ID_ED25519, ID_RSASSA_PSS, RSA_ENCRYPTION } from "../oids.ts";
import { type AlgorithmIdentifier, algorithmName, hasNullParameters, readAlgorithm } from "./algorithm.ts";
import { oidOfCurve, readCurve } from "./curves.ts";
import { decryptKey } from "./encryption/mod.ts";
import type { PrivateKey } from "./private_key.ts";
import { encodePssParameters, readPssParameters } from "./pss.ts";
import {
  encodeEcPrivateKey,
  encodeRsaPrivateKey,
  readEcPrivateKey,
  readRsaPrivateKey,
  readTraditional,
} from "./traditional.ts";

/** Encodes OneAsymmetricKey, version 1, which every program can read. */
export function encodePkcs8(key: PrivateKey): Uint8Array {
  switch (key.type) {
    case "rsa":
      return pkcs8Of([der.oid(RSA_ENCRYPTION), der.nul()], encodeRsaPrivateKey(key));
    case "rsa-pss":
      return pkcs8Of(
        [der.oid(ID_RSASSA_PSS), ...encodePssParameters(key.parameters)],
        encodeRsaPrivateKey(key),
      );
    case "ec":
      return pkcs8Of(
        [der.oid(ID_EC_PUBLIC_KEY), der.oid(oidOfCurve(key.curve))],
        encodeEcPrivateKey(key, false),
      );
    case "ed25519":
      return pkcs8Of([der.oid(ID_ED25519)], der.octetString(key.d));
  }
}

function pkcs8Of(algorithm: readonly Uint8Array[], key: Uint8Array): Uint8Array {
  return der.sequence(der.integer(0), der.sequence(...algorithm), der.octetString(key));
}

/** Reads the fields of OneAsymmetricKey after its version. Version number 1 may include the public key. */
export function readPkcs8(fields: DerReader, version: number): PrivateKey {
  if (version > 1) fields.fail(`has version ${version}, which PKCS#8 does not define`);
  const algorithm = readAlgorithm(fields);
  const key = fields.octetString();
  fields.optional(constructed(0), (attributes) => attributes.any());
  const publicKey = version === 1
    ? fields.optional(context(1), (inner, tag) => inner.bitStringBytes(tag))
    : undefined;
  return privateKeyOf(algorithm, key, publicKey);
}

/** Reads all fields of EncryptedPrivateKeyInfo, and decrypts the key. */
export function readEncryptedPkcs8(
  fields: DerReader,
  passphrase: string | Uint8Array | undefined,
): PrivateKey {
  return readDer(
    decryptKey(fields, passphrase),
    "the decrypted private key",
    (reader) => reader.within((fields) => readPkcs8(fields, fields.smallInteger())),
  );
}

function privateKeyOf(
  algorithm: AlgorithmIdentifier,
  key: Uint8Array,
  publicKey: Uint8Array | undefined,
): PrivateKey {
  const { oid, parameters } = algorithm;
  switch (oid) {
    case RSA_ENCRYPTION:
      if (!hasNullParameters(algorithm)) malformed("an RSA private key has no NULL as its parameters");
      return { type: "rsa", ...readTraditional(key, "the RSA private key", readRsaPrivateKey) };
    case ID_RSASSA_PSS:
      return {
        type: "rsa-pss",
        ...readTraditional(key, "the RSA private key", readRsaPrivateKey),
        parameters: parameters === undefined ? undefined : readPssParameters(parameters),
      };
    case ID_EC_PUBLIC_KEY:
      return ecKey(parameters, key);
    case ID_ED25519:
      if (parameters !== undefined) malformed("an Ed25519 private key has parameters");
      return ed25519Key(key, publicKey);
    default:
      throw new ChannelError("unsupported", `${algorithmName(oid)} private keys are not supported`);
  }
}

function ecKey(parameters: Uint8Array | undefined, key: Uint8Array): EcPrivateKey {
  if (parameters === undefined) malformed("an EC private key names no curve");
  const curve = readDer(parameters, "the curve", readCurve);
  return readTraditional(
    key,
    "the EC private key",
    (fields, version) => readEcPrivateKey(fields, version, curve),
  );
}

/** Reads CurvePrivateKey (RFC 8410 section 7). */
function ed25519Key(bytes: Uint8Array, publicKey: Uint8Array | undefined): Ed25519PrivateKey {
  const key = ed25519PrivateKey(readDer(bytes, "the Ed25519 private key", (reader) => reader.octetString()));
  if (publicKey !== undefined && !equalBytes(publicKey, key.key)) {
    malformed("an Ed25519 private key has a public key that does not belong to it");
  }
  return key;
}

function malformed(what: string): never {
  throw new ChannelError("malformed", what);
}
