/** X.509 certificates (RFC 5280 section 4). */

import {
  constructed,
  context,
  decodePem,
  type DerReader,
  encodePem,
  locateErrors,
  readDer,
  TAG,
} from "../../asn1/mod.ts";
import { toBase64, toHex } from "../../bytes.ts";
import { sha256 } from "../../crypto/hash.ts";
import { ChannelError } from "../../errors.ts";
import { type AlgorithmIdentifier, readAlgorithm } from "../keys/algorithm.ts";
import { type Extension, type KnownExtensions, knownExtensions, readExtensions } from "./extensions.ts";
import { type Name, readName } from "../names/name.ts";
import { exportPublicKey, parsePublicKey, type PublicKey } from "../keys/public_key.ts";
import { certificatesInPkcs7, isPkcs7 } from "./pkcs7.ts";
import { readIssued } from "./signed.ts";

/** The largest certificate that is read, in bytes. */
const MAX_CERTIFICATE_LENGTH = 1 << 20;

/** The fields of a TBSCertificate (RFC 5280 section 4.1.2). */
interface Fields {
  readonly version: number;
  readonly serialNumber: Uint8Array;
  readonly signature: AlgorithmIdentifier;
  readonly issuer: Name;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly subject: Name;
  readonly spki: Uint8Array;
  readonly extensions: readonly Extension[];
}

/**
 * A parsed certificate. Its known parts are well formed, but nothing in it has been verified.
 *
 * {@link parseCertificate} returns one.
 */
export class Certificate {
  /** The whole encoding. */
  readonly der: Uint8Array;
  /** The part that is signed. */
  readonly tbs: Uint8Array;
  /** 1, 2 or 3. */
  readonly version: number;
  /** The contents of the serial number's INTEGER; at most 20 bytes if the CA follows RFC 5280. */
  readonly serialNumber: Uint8Array;
  /** The algorithm of the issuer's signature. */
  readonly signatureAlgorithm: AlgorithmIdentifier;
  /** The issuer's signature. */
  readonly signature: Uint8Array;
  /** The name of the CA that signed the certificate. */
  readonly issuer: Name;
  /** The name of the key's owner. */
  readonly subject: Name;
  /** The first instant of the validity period. */
  readonly notBefore: Date;
  /** The last second of the validity period. */
  readonly notAfter: Date;
  /** The SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  /** The parsed values of the extensions that this library knows. */
  readonly extensions: KnownExtensions;
  /** All extensions, as they are encoded. */
  readonly allExtensions: readonly Extension[];
  #publicKey: PublicKey | undefined;

  /** Reads the DER of one certificate; throws as {@link parseCertificate} does. */
  constructor(der: Uint8Array) {
    if (der.length > MAX_CERTIFICATE_LENGTH) throw new ChannelError("limit", "the certificate is too large");
    const { tbs, fields, signatureAlgorithm, signature } = readDer(
      der,
      "the certificate",
      (reader) => reader.within((certificate) => readIssued(certificate, readFields)),
    );
    this.der = der;
    this.tbs = tbs;
    this.version = fields.version;
    this.serialNumber = fields.serialNumber;
    this.signatureAlgorithm = signatureAlgorithm;
    this.signature = signature;
    this.issuer = fields.issuer;
    this.subject = fields.subject;
    this.notBefore = fields.notBefore;
    this.notAfter = fields.notAfter;
    this.spki = fields.spki;
    this.allExtensions = fields.extensions;
    this.extensions = knownExtensions(fields.extensions);
  }

  /**
   * The subject's public key.
   *
   * @throws {ChannelError} `"unsupported"`, naming the algorithm, if the key's type is not supported.
   */
  get publicKey(): PublicKey {
    return this.#publicKey ??= parsePublicKey(this.spki);
  }

  /** The SHA-256 hash of the certificate, in lower-case hexadecimal. */
  get fingerprint(): string {
    return toHex(sha256(this.der));
  }

  /** The pin of the key: `sha256:` and the base64 of the SHA-256 of the SubjectPublicKeyInfo (as in RFC 7469 section 2.4). */
  get pin(): string {
    return pinOf(this.spki);
  }

  /** Whether subject and issuer have the same name (RFC 5280 section 3.2). */
  get isSelfIssued(): boolean {
    return this.subject.matches(this.issuer);
  }

  /** The certificate as a PEM block. */
  get pem(): string {
    return encodePem("CERTIFICATE", this.der);
  }
}

/**
 * Returns the pin of a key: `sha256:` and the base64 of the SHA-256 of its SubjectPublicKeyInfo (as in RFC 7469 section 2.4).
 *
 * @param key A SubjectPublicKeyInfo in DER, or a public or private key.
 *
 * @example
 * ```ts
 * import { pinOf } from "@fesa/channel/x509";
 * import { generateKeyPair } from "@fesa/channel/rsa";
 *
 * const { publicKey, privateKey } = await generateKeyPair();
 * console.log(pinOf(publicKey) === pinOf(privateKey)); // true
 * ```
 */
export function pinOf(key: Uint8Array | PublicKey): string {
  const spki = key instanceof Uint8Array ? key : exportPublicKey(key);
  return `sha256:${toBase64(sha256(spki))}`;
}

/**
 * Reads one certificate: DER, or a PEM text with one `CERTIFICATE` block.
 *
 * @throws {ChannelError} `"malformed"` if it is not strict DER, or if a field or known extension violates RFC 5280 section 4;
 * `"limit"` if it is larger than 1 MiB.
 * @example
 * ```ts
 * import { parseCertificate } from "@fesa/channel/x509";
 *
 * const certificate = parseCertificate(`-----BEGIN CERTIFICATE-----
 * MIIBZDCCARagAwIBAgIUN9xqulkIZaaDuaPwkNDkkfTMAqwwBQYDK2VwMBkxFzAV
 * BgNVBAMMDnNlcnZlci5leGFtcGxlMCAXDTI2MTEyMzAyNDgwOFoYDzIwNTExMTE3
 * MDI0ODA4WjAZMRcwFQYDVQQDDA5zZXJ2ZXIuZXhhbXBsZTAqMAUGAytlcAMhAMak
 * sFvk53nn5QTN5XtV3ZmhaeCHgsIGguX6UrkvOKCRo24wbDAdBgNVHQ4EFgQUj7WW
 * fgci0hCHHf+QzKTywa0qWWgwHwYDVR0jBBgwFoAUj7WWfgci0hCHHf+QzKTywa0q
 * WWgwDwYDVR0TAQH/BAUwAwEB/zAZBgNVHREEEjAQgg5zZXJ2ZXIuZXhhbXBsZTAF
 * BgMrZXADQQAPf6S9pJ3ghrfgvIVTh2s3ejiH5hY1x2R+no+F5vtrueH+kZMkIONA
 * N+3PUksl/tNLryao0tmfE1N6hmu5+jAI
 * -----END CERTIFICATE-----`);
 * if (certificate.subject.toString() !== "CN=server.example") throw new Error("not read");
 * ```
 */
export function parseCertificate(source: Uint8Array | string): Certificate {
  const certificates = parseCertificates(source);
  if (certificates.length !== 1) {
    throw new ChannelError("malformed", `the text has ${certificates.length} certificates instead of one`);
  }
  return certificates[0];
}

/**
 * Reads all certificates of a PEM text in order, including those in PKCS#7 bundles (.p7b). Other kinds of block are skipped.
 *
 * @param source The text, a PEM file's bytes, or the DER of one certificate or PKCS#7 bundle.
 * @throws {ChannelError} As {@link parseCertificate}; the message says which certificate is wrong. `"malformed"` if there
 *   are PEM blocks, but no certificate.
 *
 * @example
 * ```ts
 * import { parseCertificates } from "@fesa/channel/x509";
 *
 * function subjects(chainPem: string): string[] {
 *   return parseCertificates(chainPem).map(({ subject }) => String(subject));
 * }
 * ```
 */
export function parseCertificates(source: string | Uint8Array): Certificate[] {
  if (typeof source !== "string" && source[0] === TAG.sequence) return certificatesInDer(source);
  const blocks = decodePem(source);
  const certificates = blocks.flatMap(({ label, bytes }) =>
    LABELS.has(label) ? [bytes] : PKCS7_LABELS.has(label) ? certificatesInPkcs7(bytes) : []
  );
  if (certificates.length === 0 && blocks.length > 0) {
    throw new ChannelError("malformed", noCertificate(blocks.map(({ label }) => label)));
  }
  if (certificates.length === 1) return [new Certificate(certificates[0])];
  return certificates.map((bytes, index) =>
    locateErrors(`certificate ${index + 1} of ${certificates.length}`, () => new Certificate(bytes))
  );
}

function certificatesInDer(bytes: Uint8Array): Certificate[] {
  if (isPkcs7(bytes)) return certificatesInPkcs7(bytes).map((one) => new Certificate(one));
  return [new Certificate(bytes)];
}

function noCertificate(labels: readonly string[]): string {
  const hint = labels.includes("TRUSTED CERTIFICATE") ? " (convert with openssl x509)" : "";
  return `the text has no CERTIFICATE block, but ${[...new Set(labels)].join(", ")}${hint}`;
}

/** The labels of PKCS#7 bundles. Two are from RFC 7468 sections 8 and 9; some programs write the third. */
const PKCS7_LABELS: ReadonlySet<string> = new Set(["PKCS7", "CMS", "PKCS #7 SIGNED DATA"]);

/** The labels of certificates. RFC 7468 section 5.1 lets parsers accept the second. */
const LABELS: ReadonlySet<string> = new Set(["CERTIFICATE", "X509 CERTIFICATE"]);

function readFields(reader: DerReader): Fields {
  const version = readVersion(reader);
  const serialNumber = locateErrors("its serial number", () => reader.integerBytes());
  const signature = readAlgorithm(reader);
  const issuer = locateErrors("its issuer", () => readName(reader));
  const [notBefore, notAfter] = locateErrors(
    "its validity",
    () => reader.within((validity) => [validity.time(), validity.time()]),
  );
  const subject = locateErrors("its subject", () => readName(reader));
  const spki = reader.element(TAG.sequence).encoding;
  // Unique identifiers, which CAs no longer issue, require version 2; extensions require version 3 (RFC 5280 section
  // 4.1.2.1).
  for (const tag of [context(1), context(2)]) {
    if (!reader.has(tag)) continue;
    if (version === 1) reader.fail("has a unique identifier that its version does not allow");
    reader.bitString(tag);
  }
  const extensions = reader.explicit(3, readExtensions) ?? [];
  if (extensions.length > 0 && version !== 3) reader.fail("has extensions that its version does not allow");
  return { version, serialNumber, signature, issuer, notBefore, notAfter, subject, spki, extensions };
}

/** Reads the version. DER omits version 1, the default. */
function readVersion(reader: DerReader): number {
  if (!reader.has(constructed(0))) return 1;
  const version = reader.explicit(0, (inner) => inner.smallInteger(2))!;
  if (version === 0) reader.fail("encodes a default value, which DER omits");
  return version + 1;
}
