/** Encodes and decodes the handshake messages that are specific to TLS 1.3 (RFC 8446 section 4). */

import { type ByteReader, ByteWriter } from "../../byte_fields.ts";
import { fromHex } from "../../bytes.ts";
import { fatalAlert } from "../alerts.ts";
import { encodeExtensions, type Extensions, readExtensions } from "../handshake/extensions.ts";
import { readChain } from "../handshake/messages.ts";
import { readWhole } from "../handshake/reader.ts";

/** The random of a ServerHello that is a HelloRetryRequest: the SHA-256 hash of "HelloRetryRequest" (section 4.1.3). */
export const RETRY_RANDOM: Uint8Array = fromHex(
  "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c",
);

/** Encodes the body of EncryptedExtensions (section 4.3.1). */
export function encodeEncryptedExtensions(extensions: Extensions): Uint8Array {
  return extensionBlock(extensions);
}

/** Reads EncryptedExtensions. */
export function decodeEncryptedExtensions(body: Uint8Array): Extensions {
  return readWhole("EncryptedExtensions", body, readExtensions);
}

/** Encodes the body of a CertificateRequest in the handshake, which has an empty context (section 4.3.2). */
export function encodeCertificateRequest(extensions: Extensions): Uint8Array {
  return new ByteWriter().u8(0).bytes(extensionBlock(extensions)).finish();
}

/** Reads a CertificateRequest in the handshake. */
export function decodeCertificateRequest(body: Uint8Array): Extensions {
  return readWhole("CertificateRequest", body, (reader) => {
    checkContext(reader);
    return readExtensions(reader);
  });
}

/** One entry of a Certificate message: a certificate or a raw public key in DER, and its extensions. */
export interface CertificateEntry {
  readonly data: Uint8Array;
  readonly extensions: Extensions;
}

/** Encodes the body of Certificate (section 4.4.2). The list may be empty. */
export function encodeCertificate(entries: readonly CertificateEntry[]): Uint8Array {
  return new ByteWriter().u8(0)
    .nested(3, (list) => {
      for (const { data, extensions } of entries) {
        list.vector(3, data).bytes(extensionBlock(extensions));
      }
    })
    .finish();
}

/** Reads a Certificate message. */
export function decodeCertificate(body: Uint8Array): CertificateEntry[] {
  const list = readWhole("Certificate", body, (reader) => {
    checkContext(reader);
    return reader.nested(3);
  });
  return readChain(list, () => ({ data: list.vector(3, 1), extensions: readExtensions(list) }));
}

/** Checks that certificate_request_context is empty. It has contents only in post-handshake authentication. */
function checkContext(reader: ByteReader): void {
  if (reader.vector(1).length > 0) {
    throw fatalAlert("illegal_parameter", "a certificate_request_context of the handshake is not empty");
  }
}

/** The values of request_update in KeyUpdate (section 4.6.3). */
const KeyUpdateRequest = { notRequested: 0, requested: 1 } as const;

/** Encodes the body of KeyUpdate. */
export function encodeKeyUpdate(requested: boolean): Uint8Array {
  return Uint8Array.of(requested ? KeyUpdateRequest.requested : KeyUpdateRequest.notRequested);
}

/** Reads KeyUpdate. Returns whether the peer requests one in return. */
export function decodeKeyUpdate(body: Uint8Array): boolean {
  const request = readWhole("KeyUpdate", body, (reader) => reader.u8());
  if (request > KeyUpdateRequest.requested) {
    throw fatalAlert("illegal_parameter", "KeyUpdate has an unknown request");
  }
  return request === KeyUpdateRequest.requested;
}

/** Checks NewSessionTicket, which the caller then ignores (section 4.6.1). */
export function checkNewSessionTicket(body: Uint8Array): void {
  readWhole("NewSessionTicket", body, (reader) => {
    reader.u32(); // ticket_lifetime
    reader.u32(); // ticket_age_add
    reader.vector(1); // ticket_nonce
    reader.vector(2, 1); // ticket
    readExtensions(reader);
  });
}

/** Encodes the block of extensions, which is written even if it is empty. */
function extensionBlock(extensions: Extensions): Uint8Array {
  return extensions.size === 0 ? Uint8Array.of(0, 0) : encodeExtensions(extensions);
}
