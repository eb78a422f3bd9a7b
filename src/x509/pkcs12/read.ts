/** Reads PKCS#12 files (RFC 7292), the format of Windows and Java for keys with their certificates. */

import {
  berToDer,
  constructed,
  contentsOf,
  context,
  type DerReader,
  joinSegments,
  readDer,
  TAG,
} from "../../asn1/mod.ts";
import { attempt, ChannelError } from "../../errors.ts";
import type { Certificate } from "../certificate/certificate.ts";
import { MAX_ITERATIONS, tooExpensive } from "../keys/encryption/bounds.ts";
import { checkedPlaintext, readEncryption } from "../keys/encryption/mod.ts";
import type { Decryption, Passphrase } from "../keys/encryption/scheme.ts";
import type { PrivateKey } from "../keys/private_key.ts";
import { samePublicKey } from "../keys/public_key.ts";
import { type Bags, readSafeContents } from "./bags.ts";
import { type Mac, readMac } from "./mac.ts";
import { ID_DATA, ID_ENCRYPTED_DATA } from "./oids.ts";

/** A private key in a PKCS#12 file. */
export interface Pkcs12Key {
  /** The key. */
  readonly key: PrivateKey;
  /**
   * The key's certificate, followed by the issuers' certificates up to a root, as far as the file has them. May be empty.
   */
  readonly certificates: readonly Certificate[];
  /** The name of the entry in the file, which Java calls the alias. */
  readonly friendlyName?: string | undefined;
}

/** A certificate in a PKCS#12 file that is not in the chain of a key, as in Java's trust stores. */
export interface Pkcs12Certificate {
  /** The certificate. */
  readonly certificate: Certificate;
  /** The name of the entry in the file. */
  readonly friendlyName?: string | undefined;
}

/** The contents of a PKCS#12 file. */
export interface Pkcs12 {
  /** The private keys with their certificates. */
  readonly keys: readonly Pkcs12Key[];
  /** The certificates that are not in the chain of a key. */
  readonly certificates: readonly Pkcs12Certificate[];
}

/** The highest cost of all key derivations of one file, as a number of PBKDF2 iterations that take as long. */
const MAX_COST = 2 * MAX_ITERATIONS;

const MAX_LENGTH = 1 << 24;

/**
 * Reads a PKCS#12 file (.p12, .pfx). The file may be encrypted with PBES2, or with triple DES or RC2 as by old programs. The
 * MAC may be PKCS#12's own or PBMAC1 (RFC 9579), or missing.
 *
 * @param passphrase The file's password. Text is encoded as each encryption scheme requires; bytes must be UTF-8. The
 *   default is to try no password and an empty one.
 * @throws {ChannelError} `"passphrase"` if it is missing or wrong, or the file was modified; `"malformed"` if the file is
 *   broken; `"unsupported"`, naming the algorithm, for other encryptions, MACs and keys; `"limit"` if the key derivations
 *   would take too long.
 *
 * @example
 * ```ts
 * import { createPkcs12, createSelfSignedCertificate, generateKey, parsePkcs12 } from "@fesa/channel/x509";
 *
 * const key = await generateKey("p256");
 * const certificate = createSelfSignedCertificate(key, { subject: "CN=localhost", names: ["localhost"] });
 * const file = createPkcs12({ keys: [{ key, certificates: [certificate] }] }, "secret", { iterations: 1000 });
 * const { keys: [mine] } = parsePkcs12(file, "secret");
 * if (mine.certificates[0].pin !== certificate.pin) throw new Error("another certificate");
 * ```
 */
export function parsePkcs12(file: Uint8Array, passphrase?: string | Uint8Array): Pkcs12 {
  if (file.length > MAX_LENGTH) throw new ChannelError("limit", "the PKCS#12 file is too large");
  const { content, mac } = readBer(file, "the PKCS#12 file", (reader) => reader.within(readPfx));
  const work = new Work();
  const passphrases = possiblePassphrases(passphrase);
  if (mac === undefined) return assemble(readAuthenticatedSafe(content, passphrases, work));
  const right = passphrases.find((one) => {
    work.spend(mac.cost);
    return mac.verify(one, content);
  });
  if (right === undefined) throw wrongPassphrase(passphrase);
  return assemble(readAuthenticatedSafe(content, [right], work));
}

/** Reads BER, which RFC 7292 section 4.1 allows and some programs write. */
function readBer<T>(bytes: Uint8Array, what: string, read: (reader: DerReader) => T): T {
  return readDer(berToDer(bytes, what), what, read);
}

/** Returns whether bytes begin as a PKCS#12 file in BER: a SEQUENCE whose first element is version 3. */
export function isPkcs12(file: Uint8Array): boolean {
  const [tag, length, version, next] = contentsOf(file) ?? [];
  return tag === TAG.integer && length === 1 && version === 3 && next === TAG.sequence;
}

/** Counts and limits the work of the key derivations for a file. */
class Work {
  #cost = 0;

  spend(cost: number): void {
    this.#cost += cost;
    if (this.#cost > MAX_COST) throw tooExpensive();
  }
}

/**
 * Returns the passphrases to try. Some programs distinguish no password from an empty one, and the file does not say which
 * one it needs.
 */
function possiblePassphrases(passphrase: string | Uint8Array | undefined): readonly Passphrase[] {
  if (passphrase === undefined) return [null, ""];
  return passphrase.length === 0 ? ["", null] : [passphrase];
}

function wrongPassphrase(passphrase: string | Uint8Array | undefined): ChannelError {
  return new ChannelError(
    "passphrase",
    passphrase === undefined
      ? "the PKCS#12 file is protected: its passphrase is needed"
      : "the passphrase of the PKCS#12 file is wrong, or the file was modified",
  );
}

/** Reads PFX (section 4). */
function readPfx(pfx: DerReader): { readonly content: Uint8Array; readonly mac: Mac | undefined } {
  if (pfx.smallInteger() !== 3) pfx.fail("is not of version 3");
  const content = pfx.within((info) => {
    const type = info.oid();
    if (type !== ID_DATA) {
      throw new ChannelError(
        "unsupported",
        "PKCS#12 files that are signed with a certificate are not supported",
      );
    }
    return info.explicit(0, (inner) => inner.octetString()) ?? info.fail("is empty");
  });
  return { content, mac: pfx.optional(TAG.sequence, (inner) => inner.within(readMac)) };
}

/** Reads AuthenticatedSafe, which has unencrypted and encrypted parts. */
function readAuthenticatedSafe(content: Uint8Array, passphrases: readonly Passphrase[], work: Work): Bags {
  const bags: Bags = { keys: [], certificates: [] };
  const decrypt = (scheme: Decryption, ciphertext: Uint8Array) => {
    return firstPlaintext(scheme, ciphertext, passphrases, work);
  };
  const decryptShrouded = (fields: DerReader) => decrypt(fields.within(readEncryption), fields.octetString());
  const readSafe = (bytes: Uint8Array, what: string) =>
    readBer(bytes, what, (reader) => readSafeContents(reader, bags, decryptShrouded));

  readBer(content, "the PKCS#12 file", (reader) =>
    reader.sequenceOf((infos) =>
      infos.within((info) => {
        const type = info.oid();
        if (type === ID_DATA) {
          const data = info.explicit(0, (inner) => inner.octetString()) ?? info.fail("has an empty part");
          readSafe(data, "the PKCS#12 file");
        } else if (type === ID_ENCRYPTED_DATA) {
          const { scheme, ciphertext } = info.explicit(0, (inner) => inner.within(readEncryptedData)) ??
            info.fail("has an empty part");
          readSafe(decrypt(scheme, ciphertext), "the decrypted part of the PKCS#12 file");
        } else {
          throw new ChannelError(
            "unsupported",
            "parts of PKCS#12 files that are encrypted for a certificate are not supported",
          );
        }
      })
    ));
  return bags;
}

/** Reads EncryptedData (RFC 5652 section 8). */
function readEncryptedData(
  data: DerReader,
): { readonly scheme: Decryption; readonly ciphertext: Uint8Array } {
  data.smallInteger(2);
  const read = data.within((info) => {
    info.oid();
    return { scheme: info.within(readEncryption), ciphertext: readCiphertext(info) };
  });
  data.optional(constructed(1), (attributes) => attributes.any());
  return read;
}

function readCiphertext(info: DerReader): Uint8Array {
  return info.has(constructed(0))
    ? joinSegments(info.any().encoding, 0, "the PKCS#12 file")
    : info.octetString(context(0));
}

function firstPlaintext(
  { cost, decrypt }: Decryption,
  ciphertext: Uint8Array,
  passphrases: readonly Passphrase[],
  work: Work,
): Uint8Array {
  for (const [index, passphrase] of passphrases.entries()) {
    work.spend(cost);
    try {
      return checkedPlaintext(decrypt(passphrase, ciphertext));
    } catch (error) {
      const isLast = index === passphrases.length - 1;
      if (isLast || !(error instanceof ChannelError && error.code === "passphrase")) throw error;
    }
  }
  throw wrongPassphrase(undefined);
}

/** Assigns to each key its certificate and the certificates of the issuers, as far as the file has them. */
export function assemble(bags: Bags): Pkcs12 {
  // A certificate that is in several chains may be in the file more than once.
  const certificates = [
    ...new Map(bags.certificates.map((one) => [one.certificate.fingerprint, one])).values(),
  ];
  const all = certificates.map(({ certificate }) => certificate);
  const keys = bags.keys.map(({ key, friendlyName }) => ({
    key,
    certificates: chainOf(key, all),
    friendlyName,
  }));
  const used = new Set(keys.flatMap(({ certificates }) => certificates));
  return { keys, certificates: certificates.filter(({ certificate }) => !used.has(certificate)) };
}

function chainOf(key: PrivateKey, all: readonly Certificate[]): Certificate[] {
  const chain: Certificate[] = [];
  let next = all.find((one) => isCertificateOf(one, key));
  while (next !== undefined) {
    chain.push(next);
    const { issuer, isSelfIssued } = next;
    next = isSelfIssued ? undefined : all.find((one) => one.subject.matches(issuer) && !chain.includes(one));
  }
  return chain;
}

/** Returns whether the certificate is for the key. Returns false if the certificate's type of key is not supported. */
function isCertificateOf(certificate: Certificate, key: PrivateKey): boolean {
  return attempt(() => samePublicKey(certificate.publicKey, key)) ?? false;
}
