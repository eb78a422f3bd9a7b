/**
 * X.509: certificates and the keys in them, read strictly, printed, and verified by RFC 5280.
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
export type { AlgorithmIdentifier } from "./algorithm.ts";
export type { Work, WorkCounts } from "./budget.ts";
export { Certificate, parseCertificate, parseCertificates, pinOf } from "./certificate.ts";
export { describeCertificate } from "./describe.ts";
export type {
  AccessDescription,
  AuthorityKeyIdentifier,
  BasicConstraints,
  DistributionPoint,
  Extension,
  KeyUsage,
  KnownExtensions,
  NameConstraints,
  PolicyConstraints,
  PolicyMapping,
} from "./extensions.ts";
export type { GeneralName } from "./general_name.ts";
export { Name, type NameAttribute, parseName } from "./name.ts";
export { type CertificateStatus, OcspResponse, type OcspStatus, parseOcspResponse } from "./ocsp.ts";
export type { TrustAnchor } from "./path.ts";
export type { PolicyOptions } from "./policy.ts";
export {
  type EcSubjectKey,
  type Ed25519SubjectKey,
  exportPublicKey,
  exportPublicKeyPem,
  parsePublicKey,
  type PssParameters,
  type PublicKey,
  type RsaPssSubjectKey,
  type RsaSubjectKey,
} from "./public_key.ts";
export type { RevocationEvidence } from "./revocation.ts";
export {
  parseRevocationList,
  parseRevocationLists,
  RevocationList,
  type RevocationListScope,
} from "./revocation_list.ts";
export { type Revocation, REVOCATION_REASONS, type RevocationReason } from "./revocation_reason.ts";
export type { Usage } from "./rules.ts";
export { matchesName } from "./server_name.ts";
export type { ValidationOptions, VerifiedPath } from "./validation.ts";
export { verifyCertificate, type VerifyOptions } from "./verify.ts";
export { CertificateError, type CertificateReason, ChannelError, type ErrorCode } from "../errors.ts";

// Keys, requests, and a CA of one's own.
export { type AuthorityOptions, createCertificateAuthority } from "./authority.ts";
export { createRevocationList, type RevocationListOptions } from "./crl_issue.ts";
export type { SignatureHash } from "./encode.ts";
export {
  type CertificateAuthority,
  type CertificateProfile,
  createSelfSignedCertificate,
  issueCertificate,
  type IssueOptions,
  type SelfSignedOptions,
} from "./issue.ts";
export {
  type CryptoKeyUse,
  exportCryptoKey,
  exportJwk,
  importCryptoKey,
  importJwk,
  type RsaJwk,
} from "./jwk.ts";
export type { KeyEncryptionOptions } from "./key_encryption.ts";
export type { ValidityOptions } from "./make_certificate.ts";
export {
  exportPrivateKey,
  exportPrivateKeyDer,
  parsePrivateKey,
  type PrivateKeyOptions,
} from "./private_key.ts";
export {
  CertificateRequest,
  type CertificateRequestOptions,
  createCertificateRequest,
  parseCertificateRequest,
  type RequestReadOptions,
} from "./request.ts";
export type { Subject, SubjectAttribute } from "./subject.ts";
