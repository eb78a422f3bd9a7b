/** The bags of a PKCS#12 file (RFC 7292 section 4.2): keys and certificates with their attributes. */

import { constructed, type DerReader, readDer, TAG } from "../../asn1/mod.ts";
import { ChannelError } from "../../errors.ts";
import { Certificate } from "../certificate/certificate.ts";
import { readPkcs8 } from "../keys/pkcs8.ts";
import type { PrivateKey } from "../keys/private_key.ts";
import {
  CERT_BAG,
  FRIENDLY_NAME,
  KEY_BAG,
  SAFE_CONTENTS_BAG,
  SHROUDED_KEY_BAG,
  X509_CERTIFICATE,
} from "./oids.ts";

/** The contents of bags. */
export interface Bags {
  readonly keys: { readonly key: PrivateKey; readonly friendlyName?: string | undefined }[];
  readonly certificates: { readonly certificate: Certificate; readonly friendlyName?: string | undefined }[];
}

/** The most bags in one file. */
const MAX_BAGS = 2000;

/** Decrypts an EncryptedPrivateKeyInfo. */
export type DecryptShrouded = (fields: DerReader) => Uint8Array;

/** Reads SafeContents into `bags`. Revocation lists and secrets are skipped. */
export function readSafeContents(contents: DerReader, bags: Bags, decrypt: DecryptShrouded): void {
  contents.sequenceOf((reader) => reader.within((bag) => readBag(bag, bags, decrypt)));
}

function readBag(bag: DerReader, bags: Bags, decrypt: DecryptShrouded): void {
  if (bags.keys.length + bags.certificates.length >= MAX_BAGS) {
    throw new ChannelError("limit", `a PKCS#12 file contains more than ${MAX_BAGS} keys and certificates`);
  }
  const type = bag.oid();
  const value = bag.sequence(constructed(0));
  const friendlyName = bag.optional(TAG.set, readFriendlyName);
  switch (type) {
    case KEY_BAG:
      bags.keys.push({ key: value.within(readKey), friendlyName });
      break;
    case SHROUDED_KEY_BAG: {
      const key = readDer(
        value.within(decrypt),
        "the decrypted private key",
        (reader) => reader.within(readKey),
      );
      bags.keys.push({ key, friendlyName });
      break;
    }
    case CERT_BAG: {
      const certificate = value.within(readCertificate);
      if (certificate !== undefined) bags.certificates.push({ certificate, friendlyName });
      break;
    }
    case SAFE_CONTENTS_BAG:
      readSafeContents(value, bags, decrypt);
      break;
    default:
      value.any();
  }
  value.end();
}

function readKey(fields: DerReader): PrivateKey {
  return readPkcs8(fields, fields.smallInteger());
}

/** Reads CertBag. SDSI certificates, which are not in use, are skipped. */
function readCertificate(bag: DerReader): Certificate | undefined {
  const type = bag.oid();
  const value = bag.sequence(constructed(0));
  if (type !== X509_CERTIFICATE) return void value.any();
  const certificate = new Certificate(value.octetString());
  value.end();
  return certificate;
}

/** Returns the friendlyName (RFC 2985 section 5.5.1) among the attributes, which some programs do not sort as DER requires. */
function readFriendlyName(bag: DerReader): string | undefined {
  const attributes = bag.set();
  let name: string | undefined;
  while (!attributes.done) {
    attributes.within((attribute) => {
      const type = attribute.oid();
      const values = attribute.set();
      while (!values.done) {
        const value = values.any();
        if (type === FRIENDLY_NAME && value.tag === TAG.bmpString) name = bmpText(value.contents);
      }
    });
  }
  return name;
}

function bmpText(contents: Uint8Array): string {
  return new TextDecoder("utf-16be").decode(contents);
}
