/** Object identifiers that more than one file uses, with their names in the RFCs. */

// Keys and signatures with RSA (RFC 8017 appendix A, RFC 4055).
export const RSA_ENCRYPTION = "1.2.840.113549.1.1.1";
export const ID_RSASSA_PSS = "1.2.840.113549.1.1.10";
export const SHA1_WITH_RSA_ENCRYPTION = "1.2.840.113549.1.1.5";
export const SHA256_WITH_RSA_ENCRYPTION = "1.2.840.113549.1.1.11";
export const SHA384_WITH_RSA_ENCRYPTION = "1.2.840.113549.1.1.12";
export const SHA512_WITH_RSA_ENCRYPTION = "1.2.840.113549.1.1.13";

// Keys, curves and signatures with elliptic curves (RFC 5480, RFC 5758, RFC 8410).
export const ID_EC_PUBLIC_KEY = "1.2.840.10045.2.1";
export const SECP256R1 = "1.2.840.10045.3.1.7";
export const SECP384R1 = "1.3.132.0.34";
export const SECP521R1 = "1.3.132.0.35";
export const ECDSA_WITH_SHA1 = "1.2.840.10045.4.1";
export const ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
export const ECDSA_WITH_SHA384 = "1.2.840.10045.4.3.3";
export const ECDSA_WITH_SHA512 = "1.2.840.10045.4.3.4";
export const ID_ED25519 = "1.3.101.112";

// Extensions of revocation lists and their entries (RFC 5280 sections 5.2.3 and 5.3.1); EXTENSION_OIDS has those of certificates.
export const ID_CE_CRL_NUMBER = "2.5.29.20";
export const ID_CE_CRL_REASONS = "2.5.29.21";

// Policies and purposes (RFC 5280 sections 4.2.1.4 and 4.2.1.12, RFC 6960 section 4.2.2.2).
export const ANY_POLICY = "2.5.29.32.0";
export const ANY_EXTENDED_KEY_USAGE = "2.5.29.37.0";
export const ID_KP_SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
export const ID_KP_CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
export const ID_KP_OCSP_SIGNING = "1.3.6.1.5.5.7.3.9";
export const ID_PE_ACME_IDENTIFIER = "1.3.6.1.5.5.7.1.31"; // RFC 8737 section 6.1
export const ID_PKIX_OCSP_NOCHECK = "1.3.6.1.5.5.7.48.1.5";
