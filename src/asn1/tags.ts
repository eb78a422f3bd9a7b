/** The identifier octets that PKIX structures use (X.690 section 8.1.2, X.680 section 8.6). */

/** Identifier octets of the universal types, in the form that DER uses. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  visibleString: 0x1a,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Returns the identifier octet of a context-specific primitive `[number]`: IMPLICIT of a primitive type. */
export function context(number: number): number {
  return 0x80 | number;
}

/** Returns the identifier octet of a context-specific constructed `[number]`: EXPLICIT, or IMPLICIT of a SEQUENCE or SET. */
export function constructed(number: number): number {
  return 0xa0 | number;
}
