/** The attribute types of names that have a short name, and what RFC 5280 appendix A.1 demands of their values. */

/** An attribute type. */
export interface AttributeType {
  readonly oid: string;
  /** The short name, from RFC 4514 section 3 or, for other types in use, from OpenSSL. */
  readonly name: string;
  /** The longest value, in characters; undefined if there is no upper bound. */
  readonly maxLength?: number;
  /** The kind of string of the value, if it is not a UTF8String. A country is a PrintableString of two capital letters. */
  readonly kind?: "printable" | "ia5" | "country";
}

export const ID_AT_COMMON_NAME = "2.5.4.3";
export const ID_EMAIL_ADDRESS = "1.2.840.113549.1.9.1";

/** Types with a short name. The jurisdictions are from the guidelines for EV certificates. */
export const ATTRIBUTE_TYPES: readonly AttributeType[] = [
  { oid: ID_AT_COMMON_NAME, name: "CN", maxLength: 64 },
  { oid: "2.5.4.4", name: "SN" },
  { oid: "2.5.4.5", name: "serialNumber", maxLength: 64, kind: "printable" },
  { oid: "2.5.4.6", name: "C", kind: "country" },
  { oid: "2.5.4.7", name: "L", maxLength: 128 },
  { oid: "2.5.4.8", name: "ST", maxLength: 128 },
  { oid: "2.5.4.9", name: "STREET" },
  { oid: "2.5.4.10", name: "O", maxLength: 64 },
  { oid: "2.5.4.11", name: "OU", maxLength: 64 },
  { oid: "2.5.4.12", name: "title", maxLength: 64 },
  { oid: "2.5.4.15", name: "businessCategory" },
  { oid: "2.5.4.17", name: "postalCode" },
  { oid: "2.5.4.42", name: "GN" },
  { oid: "2.5.4.43", name: "initials" },
  { oid: "2.5.4.46", name: "dnQualifier", kind: "printable" },
  { oid: "2.5.4.97", name: "organizationIdentifier" },
  { oid: "0.9.2342.19200300.100.1.1", name: "UID" },
  { oid: "0.9.2342.19200300.100.1.25", name: "DC", kind: "ia5" },
  { oid: ID_EMAIL_ADDRESS, name: "emailAddress", maxLength: 255, kind: "ia5" },
  { oid: "1.3.6.1.4.1.311.60.2.1.1", name: "jurisdictionL" },
  { oid: "1.3.6.1.4.1.311.60.2.1.2", name: "jurisdictionST" },
  { oid: "1.3.6.1.4.1.311.60.2.1.3", name: "jurisdictionC", kind: "country" },
];
