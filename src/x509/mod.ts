/**
 * X.509: reads certificates and keys strictly, describes them, verifies them by RFC 5280, and issues them.
 *
 * @example
 * ```ts
 * import { describeCertificate, parseCertificates, verifyCertificate } from "@fesa/channel/x509";
 *
 * function check(chainPem: string, rootsPem: string, serverName: string): void {
 *   const chain = parseCertificates(chainPem);
 *   const { certificates } = verifyCertificate(chain, { roots: parseCertificates(rootsPem), serverName });
 *   for (const certificate of certificates) console.log(describeCertificate(certificate));
 * }
 * ```
 *
 * @module
 */

// Certificates, and their verification.
export type { AlgorithmIdentifier } from "./keys/algorithm.ts";
export type { Work, WorkCounts } from "./path/budget.ts";
export { Certificate, parseCertificate, parseCertificates, pinOf } from "./certificate/certificate.ts";
export { describeCertificate } from "./certificate/describe.ts";
export type {
  AccessDescription,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Extension,
  KeyUsage,
  KnownExtensions,
  NameConstraints,
} from "./certificate/extensions.ts";
export type { DistributionPoint, DistributionPointName } from "./certificate/distribution_point.ts";
export type { PolicyConstraints, PolicyMapping } from "./certificate/policies.ts";
export type { GeneralName } from "./names/general_name.ts";
export { Name, type NameAttribute, parseName } from "./names/name.ts";
export {
  type CertificateStatus,
  OcspResponse,
  type OcspStatus,
  parseOcspResponse,
} from "./revocation/ocsp.ts";
export type { TrustAnchor } from "./path/builder.ts";
export type { PolicyOptions } from "./path/policy.ts";
export {
  exportPublicKey,
  exportPublicKeyPem,
  parsePublicKey,
  type PssParameters,
  type PublicKey,
  type RsaPssPublicKey,
} from "./keys/public_key.ts";
export type { CurveName } from "../crypto/ec/weierstrass.ts";
export type { EcPrivateKey, EcPublicKey, Ed25519PrivateKey, Ed25519PublicKey } from "../crypto/ec/keys.ts";
export type { RevocationEvidence } from "./revocation/evidence.ts";
export {
  parseRevocationList,
  parseRevocationLists,
  readRevocationLists,
  RevocationList,
} from "./revocation/list.ts";
export type { Revocation, RevocationListScope } from "./revocation/list_fields.ts";
export { REVOCATION_REASONS, type RevocationReason } from "./certificate/revocation_reason.ts";
export type { Usage } from "./path/rules.ts";
export { matchesName } from "./certificate/matches_name.ts";
export type { ValidationOptions, VerifiedPath } from "./path/validation.ts";
export { systemRoots } from "./system_roots.ts";
export { verifyCertificate, type VerifyOptions } from "./verify.ts";
export { CertificateError, type CertificateReason, ChannelError, type ErrorCode } from "../errors.ts";

// Keys, requests, and a CA of your own.
export {
  generateKey,
  type KeyType,
  type PrivateKey,
  publicKeyOf,
  type RsaPssPrivateKey,
} from "./keys/private_key.ts";
export { type AuthorityOptions, createCertificateAuthority } from "./issuing/authority.ts";
export type { NameLimits } from "./issuing/name_limits.ts";
export { createRevocationList, type RevocationListOptions } from "./issuing/revocation_list.ts";
export type { SignatureHash } from "./issuing/encode.ts";
export {
  type CertificateAuthority,
  type CertificateProfile,
  createSelfSignedCertificate,
  issueCertificate,
  type IssueOptions,
  type SelfSignedOptions,
} from "./issuing/issue.ts";
export { type CryptoKeyUse, exportCryptoKey, importCryptoKey } from "./keys/crypto_key.ts";
export { type EcJwk, exportJwk, importJwk, type Jwk, type OkpJwk, type RsaJwk } from "./keys/jwk.ts";
export type { KeyEncryptionOptions } from "./keys/encryption/derivation.ts";
export { parsePkcs12, type Pkcs12, type Pkcs12Certificate, type Pkcs12Key } from "./pkcs12/read.ts";
export { createPkcs12, type Pkcs12Contents, type Pkcs12Options } from "./pkcs12/write.ts";
export type { ValidityOptions } from "./issuing/make_certificate.ts";
export {
  exportPrivateKey,
  exportPrivateKeyDer,
  parsePrivateKey,
  type PrivateKeyOptions,
} from "./keys/key_file.ts";
export {
  CertificateRequest,
  type CertificateRequestOptions,
  createCertificateRequest,
  parseCertificateRequest,
  type RequestReadOptions,
} from "./issuing/request.ts";
export type { Subject, SubjectAttribute } from "./names/subject.ts";
