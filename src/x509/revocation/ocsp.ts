/** Reads OCSP responses (RFC 6960), which a server staples or a caller fetches. */

import { constructed, context, type DerReader, readDer, TAG } from "../../asn1/mod.ts";
import { equalBytes } from "../../bytes.ts";
import { type Hash, hashByName } from "../../crypto/hash.ts";
import { attempt, ChannelError } from "../../errors.ts";
import { type AlgorithmIdentifier, HASH_OIDS, readAlgorithm } from "../keys/algorithm.ts";
import { Certificate } from "../certificate/certificate.ts";
import { readExtensions } from "../certificate/extensions.ts";
import { type Name, readName } from "../names/name.ts";
import { reasonByNumber, type RevocationReason } from "../certificate/revocation_reason.ts";
import { readSigned, type Signed } from "../certificate/signed.ts";

/** The largest response that is read, in bytes. */
const MAX_RESPONSE_LENGTH = 1 << 18;

/** The most certificates in a response. One for the delegated responder is enough, but some CAs add more. */
const MAX_CERTIFICATES = 10;

const BASIC_RESPONSE = "1.3.6.1.5.5.7.48.1.1";

/** OCSPResponseStatus, by number; 4 is unused (RFC 6960 section 4.2.1). */
const STATUSES = [
  "successful",
  "malformedRequest",
  "internalError",
  "tryLater",
  ,
  "sigRequired",
  "unauthorized",
] as const;

/** The status of one certificate in a response (RFC 6960 section 4.2.1, SingleResponse). */
export type OcspStatus =
  & {
    /** When the status was known to be correct. */
    readonly thisUpdate: Date;
    /** When newer information will be available at the latest; undefined means that it is available at any time. */
    readonly nextUpdate: Date | undefined;
  }
  & CertificateStatus;

/** CertStatus: for a revoked certificate with the time of revocation, and with the reason if the response has one. */
export type CertificateStatus =
  | { readonly status: "good" | "unknown" }
  | { readonly status: "revoked"; readonly since: Date; readonly reason: RevocationReason | undefined };

/** Identifies the certificate of a status (CertID, RFC 6960 section 4.1.1). */
interface CertificateId {
  readonly hash: Hash | undefined;
  readonly issuerNameHash: Uint8Array;
  readonly issuerKeyHash: Uint8Array;
  readonly serialNumber: Uint8Array;
}

interface ResponseData {
  readonly responder: { readonly name: Name } | { readonly keyHash: Uint8Array };
  readonly producedAt: Date;
  readonly statuses: readonly ({ readonly id: CertificateId } & OcspStatus)[];
}

/**
 * A parsed OCSP response that is successful and well formed. Nothing in it has been verified.
 *
 * {@link parseOcspResponse} returns one.
 */
export class OcspResponse {
  /** The whole encoding. */
  readonly der: Uint8Array;
  /** The part that is signed. */
  readonly tbs: Uint8Array;
  /** The responder, identified by its name or by the SHA-1 hash of its key. */
  readonly responder: { readonly name: Name } | { readonly keyHash: Uint8Array };
  /** When the response was signed. */
  readonly producedAt: Date;
  /** The algorithm of the signature. */
  readonly signatureAlgorithm: AlgorithmIdentifier;
  /** The signature. */
  readonly signature: Uint8Array;
  /** The certificates in the response that can be read. The certificate of a delegated responder is among them. */
  readonly certificates: readonly Certificate[];
  readonly #statuses: ResponseData["statuses"];

  /** Reads the DER of one response; throws as {@link parseOcspResponse} does. */
  constructor(der: Uint8Array) {
    if (der.length > MAX_RESPONSE_LENGTH) throw new ChannelError("limit", "the OCSP response is too large");
    const { tbs, fields, signatureAlgorithm, signature, certificates } = readDer(
      der,
      "the OCSP response",
      readResponse,
    );
    this.der = der;
    this.tbs = tbs;
    this.responder = fields.responder;
    this.producedAt = fields.producedAt;
    this.signatureAlgorithm = signatureAlgorithm;
    this.signature = signature;
    this.certificates = certificates;
    this.#statuses = fields.statuses;
  }

  /**
   * Returns the statuses of a certificate whose issuer has this key.
   *
   * @param issuerKeyBits The subjectPublicKey in the issuer's SubjectPublicKeyInfo.
   */
  statusesOf(certificate: Certificate, issuerKeyBits: Uint8Array): OcspStatus[] {
    return this.#statuses.filter(({ id }) =>
      id.hash !== undefined && equalBytes(id.serialNumber, certificate.serialNumber) &&
      equalBytes(id.issuerNameHash, id.hash(certificate.issuer.der)) &&
      equalBytes(id.issuerKeyHash, id.hash(issuerKeyBits))
    );
  }

  /** Returns whether the response names its responder by this name or key. */
  isFrom(name: Name, keyBits: Uint8Array): boolean {
    if ("name" in this.responder) return this.responder.name.matches(name);
    return equalBytes(this.responder.keyHash, hashByName("SHA-1")(keyBits)); // RFC 6960 section 4.2.1, KeyHash
  }
}

/**
 * Reads an OCSP response in DER.
 *
 * @throws {ChannelError} `"malformed"`; `"unsupported"` if the response reports an error (`tryLater`, …), has another type, or has
 * a critical extension; `"limit"` if it is larger than 256 KiB.
 * @example
 * ```ts
 * import { ChannelError, parseOcspResponse } from "@fesa/channel/x509";
 *
 * try {
 *   parseOcspResponse(Uint8Array.of(0x30, 3, 0x0a, 1, 3));
 * } catch (error) {
 *   if (!(error instanceof ChannelError) || error.code !== "unsupported") throw error; // the responder says: tryLater
 * }
 * ```
 */
export function parseOcspResponse(der: Uint8Array): OcspResponse {
  return new OcspResponse(der);
}

interface ReadResponse extends Signed {
  readonly fields: ResponseData;
  readonly certificates: readonly Certificate[];
}

/** Reads OCSPResponse. */
function readResponse(reader: DerReader): ReadResponse {
  return reader.within((response) => {
    const status = STATUSES[response.enumerated()];
    if (status === undefined) response.fail("has an unknown status");
    if (status !== "successful") unsupported(`its status is ${status}`);
    const basic = response.explicit(0, (bytes) =>
      bytes.within((fields) => {
        if (fields.oid() !== BASIC_RESPONSE) unsupported("it is not a basic response");
        return fields.octetString();
      }));
    if (basic === undefined) reader.fail("has no content");
    return readDer(basic, "the OCSP response", readBasicResponse);
  });
}

/** Reads BasicOCSPResponse. */
function readBasicResponse(reader: DerReader): ReadResponse {
  return reader.within((basic) => {
    const signed = readSigned(basic, readData);
    const certificates = basic.explicit(
      0,
      (list) => list.sequenceOf((inner) => inner.element(TAG.sequence).encoding),
    );
    if (certificates !== undefined && certificates.length > MAX_CERTIFICATES) {
      throw new ChannelError("limit", "the OCSP response has too many certificates");
    }
    // A certificate that cannot be read signs nothing, but does not invalidate the response.
    const readable = (certificates ?? []).flatMap((der) => attempt(() => new Certificate(der)) ?? []);
    return { ...signed, certificates: readable };
  });
}

/** Reads ResponseData. */
function readData(reader: DerReader): ResponseData {
  // Version 1, the only one, is the default value, which DER omits.
  if (reader.has(constructed(0))) reader.fail("has an unknown version");
  const name = reader.explicit(1, readName);
  const keyHash = reader.explicit(2, (inner) => inner.octetString());
  if ((name === undefined) === (keyHash === undefined)) reader.fail("has an invalid responder ID");
  const producedAt = reader.generalizedTime();
  const statuses = reader.sequenceOf((list) => list.within(readStatus));
  refuseCritical(reader);
  return { responder: name !== undefined ? { name } : { keyHash: keyHash! }, producedAt, statuses };
}

/** Reads SingleResponse. */
function readStatus(reader: DerReader): { readonly id: CertificateId } & OcspStatus {
  const id = reader.within(readCertificateId);
  const status = readCertificateStatus(reader);
  const thisUpdate = reader.generalizedTime();
  const nextUpdate = reader.explicit(0, (inner) => inner.generalizedTime());
  refuseCritical(reader);
  return { id, ...status, thisUpdate, nextUpdate };
}

function readCertificateId(reader: DerReader): CertificateId {
  const name = HASH_OIDS.get(readAlgorithm(reader).oid);
  return {
    hash: name && hashByName(name),
    issuerNameHash: reader.octetString(),
    issuerKeyHash: reader.octetString(),
    serialNumber: reader.integerBytes(),
  };
}

/** Reads CertStatus, a CHOICE. */
function readCertificateStatus(reader: DerReader): CertificateStatus {
  if (reader.has(constructed(1))) {
    return reader.within((info) => ({
      status: "revoked",
      since: info.generalizedTime(),
      reason: reasonByNumber(info.explicit(0, (inner) => inner.enumerated()) ?? 0),
    }), constructed(1));
  }
  const isGood = reader.has(context(0));
  reader.null(isGood ? context(0) : context(2));
  return { status: isGood ? "good" : "unknown" };
}

/** Skips extensions, since none of them changes the meaning of a response, and refuses critical ones. */
function refuseCritical(reader: DerReader): void {
  const critical = reader.explicit(1, readExtensions)?.find((extension) => extension.critical);
  if (critical !== undefined) unsupported(`it has the critical extension ${critical.oid}`);
}

function unsupported(why: string): never {
  throw new ChannelError("unsupported", `the OCSP response cannot be used: ${why}`);
}
