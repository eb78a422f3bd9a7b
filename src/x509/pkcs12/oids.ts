/** Object identifiers of PKCS#12 (RFC 7292) and of the parts of PKCS#7 that it uses. */

export const ID_DATA = "1.2.840.113549.1.7.1";
export const ID_ENCRYPTED_DATA = "1.2.840.113549.1.7.6";

export const KEY_BAG = "1.2.840.113549.1.12.10.1.1";
export const SHROUDED_KEY_BAG = "1.2.840.113549.1.12.10.1.2";
export const CERT_BAG = "1.2.840.113549.1.12.10.1.3";
export const SAFE_CONTENTS_BAG = "1.2.840.113549.1.12.10.1.6";

export const X509_CERTIFICATE = "1.2.840.113549.1.9.22.1";
export const FRIENDLY_NAME = "1.2.840.113549.1.9.20";
export const LOCAL_KEY_ID = "1.2.840.113549.1.9.21";

export const PBMAC1 = "1.2.840.113549.1.5.14";
