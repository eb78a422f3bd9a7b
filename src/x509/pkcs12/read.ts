/** Reading PKCS#12 files (RFC 7292), the form of Windows and Java for keys with their certificates. */

import { berToDer, constructed, context, type DerReader, joinPieces, readDer, TAG } from "../../asn1/mod.ts";
import { ChannelError } from "../../errors.ts";
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
  /** Its certificate, and those that lead from it towards a root, as far as the file has them. May be empty. */
  readonly certificates: readonly Certificate[];
  /** The name that the file gives it, which Java calls the alias. */
  readonly friendlyName?: string | undefined;
}

/** A certificate in a PKCS#12 file that belongs to no key there, as in Java's trust stores. */
export interface Pkcs12Certificate {
  /** The certificate. */
  readonly certificate: Certificate;
  /** The name that the file gives it. */
  readonly friendlyName?: string | undefined;
}

/** What a PKCS#12 file holds. */
export interface Pkcs12 {
  /** The private keys with their certificates. */
  readonly keys: readonly Pkcs12Key[];
  /** The certificates that are in no key's chain. */
  readonly certificates: readonly Pkcs12Certificate[];
}

/** The most that the derivations of one file may cost together, in iterations. */
const MAX_COST = 2 * MAX_ITERATIONS;

const MAX_LENGTH = 1 << 24;

/**
 * Reads a PKCS#12 file (.p12, .pfx): encrypted by PBES2, or by SHA-1 with triple DES or RC2 as old programs did, with a MAC
 * of PKCS#12's own kind, of PBMAC1 (RFC 9579), or none.
 *
 * @param passphrase The file's password; text is taken as each encryption wants it, bytes are UTF-8. Without one, no password
 *   and an empty one are tried.
 * @throws {ChannelError} `"passphrase"` if one is missing or wrong, or the file was changed; `"malformed"` if it is broken;
 *   `"unsupported"` for encryptions, MACs and keys of other kinds, which it names; `"limit"` if the derivations would cost
 *   too much.
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

/** RFC 7292 section 4.1 has BER, and some programs write it. */
function readBer<T>(bytes: Uint8Array, what: string, read: (reader: DerReader) => T): T {
  return readDer(berToDer(bytes, what), what, read);
}

/** Returns whether bytes are BER that begins as a PKCS#12 file does: a SEQUENCE, and in it version 3. */
export function isPkcs12(file: Uint8Array): boolean {
  if (file[0] !== TAG.sequence) return false;
  const start = file[1] < 0x80 ? 2 : 2 + (file[1] & 0x7f);
  return file[start] === TAG.integer && file[start + 1] === 1 && file[start + 2] === 3 &&
    file[start + 3] === TAG.sequence;
}

/** Counts what a file makes its reader do. */
class Work {
  #cost = 0;

  spend(cost: number): void {
    this.#cost += cost;
    if (this.#cost > MAX_COST) throw tooExpensive();
  }
}

/** Some programs tell no password from an empty one, and which they mean cannot be seen. */
function possiblePassphrases(passphrase: string | Uint8Array | undefined): readonly Passphrase[] {
  if (passphrase === undefined) return [null, ""];
  return passphrase.length === 0 ? ["", null] : [passphrase];
}

function wrongPassphrase(passphrase: string | Uint8Array | undefined): ChannelError {
  return new ChannelError(
    "passphrase",
    passphrase === undefined
      ? "the PKCS#12 file is protected: its passphrase is needed"
      : "the passphrase of the PKCS#12 file is wrong, or the file was changed",
  );
}

/** PFX (section 4). */
function readPfx(pfx: DerReader): { readonly content: Uint8Array; readonly mac: Mac | undefined } {
  if (pfx.smallInteger() !== 3) pfx.fail("has not version 3");
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

/** AuthenticatedSafe: parts in the clear, and encrypted ones. */
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
            "parts of PKCS#12 files under a certificate are not supported",
          );
        }
      })
    ));
  return bags;
}

/** EncryptedData (RFC 5652 section 8). */
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
    ? joinPieces(info.any().encoding, 0, "the PKCS#12 file")
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

/** Puts each key together with its certificate, and those with the issuers that are there. */
export function assemble(bags: Bags): Pkcs12 {
  // Chains that meet may be there more than once.
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
  let next = all.find((one) => isFor(one, key));
  while (next !== undefined) {
    chain.push(next);
    const { issuer, isSelfIssued } = next;
    next = isSelfIssued ? undefined : all.find((one) => one.subject.matches(issuer) && !chain.includes(one));
  }
  return chain;
}

/** Returns whether it is the key's certificate; one with a key of a kind that is not known here is not. */
function isFor(certificate: Certificate, key: PrivateKey): boolean {
  try {
    return samePublicKey(certificate.publicKey, key);
  } catch (error) {
    if (error instanceof ChannelError) return false;
    throw error;
  }
}
