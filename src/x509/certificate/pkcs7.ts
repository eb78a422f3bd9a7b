/** Bundles of certificates in PKCS#7, "certs-only" (RFC 5652 section 5.1), as CAs publish them. */

import { constructed, type DerReader, readDer, TAG } from "../../asn1/mod.ts";
import { Certificate } from "./certificate.ts";

const SIGNED_DATA = "1.2.840.113549.1.7.2";

/**
 * Reads the certificates of a PKCS#7 bundle, DER. Nothing about them is verified, and what else is in it is passed over.
 *
 * @throws {ChannelError} `"malformed"` if it is not such a bundle, or not in DER.
 */
export function readBundle(bytes: Uint8Array): Certificate[] {
  return readDer(bytes, "the PKCS#7 bundle", (reader) =>
    reader.within((content) => {
      if (content.oid() !== SIGNED_DATA) content.fail("is not signed data");
      return content.explicit(0, readSignedData) ?? content.fail("has no content");
    }));
}

function readSignedData(reader: DerReader): Certificate[] {
  return reader.within((data) => {
    data.smallInteger(5);
    data.element(TAG.set); // the digest algorithms
    data.element(TAG.sequence); // what is signed: nothing
    const certificates = data.optional(
      constructed(0),
      (set) =>
        set.sequenceOf((inner) => new Certificate(inner.element(TAG.sequence).encoding), constructed(0)),
    );
    if (data.has(constructed(1))) data.any(); // revocation lists
    data.element(TAG.set); // the signers
    return certificates ?? [];
  });
}
