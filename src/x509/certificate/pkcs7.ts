/** Certificates in PKCS#7 bundles (.p7b): SignedData without signatures (RFC 5652 section 5.1, "certs-only"). */

import { berToDer, constructed, contentsOf, type DerReader, readDer, TAG } from "../../asn1/mod.ts";
import { ChannelError } from "../../errors.ts";

const ID_SIGNED_DATA = "1.2.840.113549.1.7.2";

const WHAT = "the PKCS#7 bundle";

/** Returns whether bytes begin as a ContentInfo in BER: a SEQUENCE whose first element is an object identifier. */
export function isPkcs7(bytes: Uint8Array): boolean {
  return contentsOf(bytes)?.[0] === TAG.oid;
}

/**
 * Returns the encodings of the certificates in the order of the file.
 *
 * @throws {ChannelError} `"unsupported"` if it is PKCS#7 of another kind.
 */
export function certificatesInPkcs7(bytes: Uint8Array): Uint8Array[] {
  return readDer(berToDer(bytes, WHAT), WHAT, (reader) =>
    reader.within((info) => {
      if (info.oid() !== ID_SIGNED_DATA) {
        throw new ChannelError("unsupported", "PKCS#7 other than certificate bundles is not supported");
      }
      return info.explicit(0, (inner) => inner.within(readSignedData)) ?? info.fail("is empty");
    }));
}

function readSignedData(data: DerReader): Uint8Array[] {
  data.smallInteger(5);
  data.any(); // digestAlgorithms
  data.any(); // encapContentInfo
  const certificates: Uint8Array[] = [];
  data.optional(constructed(0), (reader) => {
    const set = reader.set(constructed(0));
    while (!set.done) {
      const { tag, encoding } = set.any();
      if (tag === TAG.sequence) certificates.push(encoding); // other tags are attribute certificates and obsolete forms
    }
  });
  while (!data.done) data.any(); // revocation lists and signatures
  return certificates;
}
