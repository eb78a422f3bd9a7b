/** Makes and reads certificate requests: PKCS#10 (RFC 2986). */

import { constructed, decodePem, der, type DerReader, encodePem, readDer, TAG } from "../../asn1/mod.ts";
import type { KeyBounds } from "../../crypto/rsa/mod.ts";
import { ChannelError } from "../../errors.ts";
import { algorithmName } from "../keys/algorithm.ts";
import { parseAlternativeName } from "../names/alternative_name.ts";
import { extendedKeyUsage, keyUsage, signed, subjectAltName } from "./encode.ts";
import type { SignatureHash } from "./encode.ts";
import { knownExtensions, readExtensions } from "../certificate/extensions.ts";
import type { Extension, KeyUsage, KnownExtensions } from "../certificate/extensions.ts";
import type { GeneralName } from "../names/general_name.ts";
import { type Name, readName } from "../names/name.ts";
import { checkPrivateKey, type PrivateKey } from "../keys/private_key.ts";
import { exportPublicKey, parsePublicKey, type PublicKey } from "../keys/public_key.ts";
import { verifySignature } from "../keys/signature.ts";
import { signatureScheme } from "../keys/signature_scheme.ts";
import { readSigned } from "../certificate/signed.ts";
import { encodeSubject, type Subject } from "../names/subject.ts";

/** The extensionRequest attribute (RFC 2985 section 5.4.2). */
const EXTENSION_REQUEST = "1.2.840.113549.1.9.14";

/**
 * The attributes that request extensions: extensionRequest, and Microsoft's equivalent, which old Windows versions write.
 */
const EXTENSION_REQUESTS: ReadonlySet<string> = new Set([EXTENSION_REQUEST, "1.3.6.1.4.1.311.2.1.14"]);

/** The largest request that is read, in bytes. */
const MAX_REQUEST_LENGTH = 1 << 18;

/**
 * A certificate request with a valid signature, which proves that its author has the private key. Nothing else in it has
 * been verified.
 *
 * {@link parseCertificateRequest} and {@link createCertificateRequest} return one.
 */
export class CertificateRequest {
  /** The whole encoding. */
  readonly der: Uint8Array;
  /** The requested subject. */
  readonly subject: Name;
  /** The key to be certified. */
  readonly publicKey: PublicKey;
  /** The SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  /** The parsed values of the requested extensions that this library knows. */
  readonly extensions: KnownExtensions;
  /** All requested extensions, as they are encoded. */
  readonly allExtensions: readonly Extension[];

  /** Reads the DER of one request; throws as {@link parseCertificateRequest} does. */
  constructor(der: Uint8Array, options: RequestReadOptions = {}) {
    if (der.length > MAX_REQUEST_LENGTH) {
      throw new ChannelError("limit", "the certificate request is too large");
    }
    const { subject, spki, publicKey, extensions } = readDer(
      der,
      "the certificate request",
      (reader) => reader.within((request) => readRequest(request, options)),
    );
    this.der = der;
    this.subject = subject;
    this.spki = spki;
    this.publicKey = publicKey;
    this.allExtensions = extensions;
    this.extensions = knownExtensions(extensions);
  }

  /** The requested subject alternative names. */
  get names(): readonly GeneralName[] {
    return this.extensions.subjectAltName ?? [];
  }

  /** The request as a PEM block. */
  get pem(): string {
    return encodePem("CERTIFICATE REQUEST", this.der);
  }
}

/** The options of {@link parseCertificateRequest}. */
export interface RequestReadOptions {
  /** Also accepts signatures with SHA-1. */
  readonly allowSha1?: boolean;
}

/**
 * Reads a PKCS#10 request in DER or PEM, and checks its signature. Of a PEM text with several requests, it reads the first.
 *
 * @throws {ChannelError} `"malformed"` if a field or known extension is not well formed; `"crypto"` if the signature is wrong;
 *   `"unsupported"`, naming the algorithm, if the key or signature is not supported; `"limit"` if it is larger than 256 KiB.
 *
 * @example
 * ```ts
 * import { createCertificateRequest, generateKey, parseCertificateRequest } from "@fesa/channel/x509";
 *
 * const key = await generateKey("p256");
 * const { pem } = createCertificateRequest(key, { subject: "CN=server.example,O=Firm" });
 * const request = parseCertificateRequest(pem);
 * if (request.subject.commonName !== "server.example") throw new Error("another subject");
 * ```
 */
export function parseCertificateRequest(
  source: Uint8Array | string,
  options: RequestReadOptions = {},
): CertificateRequest {
  const isDer = typeof source !== "string" && source[0] === TAG.sequence;
  return new CertificateRequest(isDer ? source : requestBlock(source), options);
}

/** The options of {@link createCertificateRequest}. */
export interface CertificateRequestOptions extends KeyBounds {
  /** The subject: `CN=host,O=Firm,C=DE`, or a list of attributes. It may be empty if there are names. */
  readonly subject: Subject;
  /**
   * Subject alternative names: `host.example` or `dns:host.example` (`*` may be the leftmost label), `192.0.2.1` or
   * `ip:192.0.2.1`, `email:user@host.example`, `uri:https://host.example/`.
   */
  readonly names?: readonly string[];
  /** The requested key usage; none by default, so that the CA decides. */
  readonly keyUsage?: readonly KeyUsage[];
  /** Key purposes as object identifiers, such as `1.3.6.1.5.5.7.3.1` for TLS servers; none by default. */
  readonly extendedKeyUsage?: readonly string[];
  /**
   * The hash function of the signature. The default is SHA-256, or for EC keys a hash function as strong as the curve.
   * Ed25519 accepts none.
   */
  readonly hash?: SignatureHash;
}

/**
 * Makes a PKCS#10 request. An RSA key must have 2048 to 8192 bits (1024 to 8192 with `allowWeak`).
 *
 * @throws {RangeError} If the subject, a name or a purpose is invalid.
 * @throws {ChannelError} `"unsupported"` if the key's size is out of bounds, `"malformed"` if its parts do not belong together.
 *
 * @example
 * ```ts
 * import { createCertificateRequest, generateKey } from "@fesa/channel/x509";
 *
 * const request = createCertificateRequest(await generateKey("p256"), {
 *   subject: "CN=server.example,O=Firm",
 *   names: ["server.example", "192.0.2.1"],
 * });
 * console.log(request.pem);
 * ```
 */
export function createCertificateRequest(
  key: PrivateKey,
  options: CertificateRequestOptions,
): CertificateRequest {
  checkPrivateKey(key, options);
  const subject = encodeSubject(options.subject);
  const extensions = requestedExtensions(options, subject);
  const attributes = extensions.length === 0
    ? []
    : [der.sequence(der.oid(EXTENSION_REQUEST), der.setOf(der.sequence(...extensions)))];
  const information = der.sequence(
    der.integer(0),
    subject,
    exportPublicKey(key),
    der.implicit(0, der.setOf(...attributes)),
  );
  return new CertificateRequest(signed(information, key, options.hash));
}

function requestedExtensions(options: CertificateRequestOptions, subject: Uint8Array): Uint8Array[] {
  const { names = [], keyUsage: usages = [], extendedKeyUsage: purposes = [] } = options;
  const extensions: Uint8Array[] = [];
  if (usages.length > 0) extensions.push(keyUsage(usages));
  if (purposes.length > 0) extensions.push(extendedKeyUsage(purposes));
  if (names.length > 0) extensions.push(subjectAltName(names.map(parseAlternativeName), subject));
  return extensions;
}

function requestBlock(pem: string | Uint8Array): Uint8Array {
  // RFC 7468 section 7: some older programs write the second label.
  const labels = ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"];
  const block = decodePem(pem).find(({ label }) => labels.includes(label));
  if (block === undefined) throw new ChannelError("malformed", "the text has no CERTIFICATE REQUEST block");
  return block.bytes;
}

interface RequestFields {
  readonly subject: Name;
  readonly spki: Uint8Array;
  readonly publicKey: PublicKey;
  readonly extensions: readonly Extension[];
}

/** Reads CertificationRequest (RFC 2986 section 4.2). */
function readRequest(request: DerReader, options: RequestReadOptions): RequestFields {
  const { tbs, fields, signatureAlgorithm, signature } = readSigned(request, readInformation);
  const scheme = signatureScheme(signatureAlgorithm);
  if (scheme.hash === "SHA-1" && options.allowSha1 !== true) {
    throw new ChannelError(
      "unsupported",
      `signatures with ${algorithmName(signatureAlgorithm.oid)} must be allowed explicitly`,
    );
  }
  if (!verifySignature(fields.publicKey, scheme, tbs, signature)) {
    throw new ChannelError("crypto", "the signature of the certificate request is wrong");
  }
  return fields;
}

/** Reads CertificationRequestInfo (RFC 2986 section 4.1). */
function readInformation(information: DerReader): RequestFields {
  information.smallInteger(0); // version 1 is encoded as 0
  const subject = readName(information);
  const spki = information.element(TAG.sequence).encoding;
  const requests = readAttributes(information);
  if (requests.length > 1) information.fail("asks for extensions twice");
  return { subject, spki, publicKey: parsePublicKey(spki), extensions: requests[0] ?? [] };
}

/**
 * Returns the extensions that the attributes request. Like other implementations, it accepts two violations: some programs
 * omit the field, and some do not sort the attributes as DER requires (X.690 section 11.6).
 */
function readAttributes(information: DerReader): Extension[][] {
  if (!information.has(constructed(0))) return [];
  const attributes = information.set(constructed(0));
  const requests: Extension[][] = [];
  while (!attributes.done) requests.push(...attributes.within(readAttribute));
  return requests;
}

/** Returns the extensions that an attribute requests. The list is empty for other attributes. */
function readAttribute(attribute: DerReader): Extension[][] {
  const type = attribute.oid();
  const values = attribute.setOf();
  if (values.length === 0) attribute.fail("has an attribute without a value");
  if (!EXTENSION_REQUESTS.has(type)) return [];
  if (values.length > 1) attribute.fail("asks for extensions twice");
  return [readExtensions(attribute.nested(values[0].encoding))];
}
