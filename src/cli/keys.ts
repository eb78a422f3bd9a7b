/** Private keys, made and opened on the command line. */

import type { RsaPrivateKey } from "../crypto/rsa/mod.ts";
import type { KeyPair } from "../crypto/ec/key_agreement.ts";
import { ChannelError } from "../errors.ts";
import {
  type Certificate,
  type CertificateAuthority,
  exportPrivateKey,
  generateKey,
  type KeyType,
  parseCertificates,
  parsePrivateKey,
  parseRevocationList,
  pinOf,
  type PrivateKey,
  publicKeyOf,
  type RevocationList,
  systemRoots,
} from "../x509/mod.ts";
import { requireRsa } from "../x509/keys/private_key.ts";
import { samePublicKey } from "../x509/keys/public_key.ts";
import { verifySignature } from "../x509/keys/signature.ts";
import { signatureScheme } from "../x509/keys/signature_scheme.ts";
import { type Arguments, type Io, UsageError } from "./command.ts";
import { readSmallFile, writeNewFile } from "./files.ts";
import { exportNativeKey, parseNativeKey } from "./native_key.ts";
import { KEY_TYPES } from "./options.ts";
import { passphrase } from "./passphrase.ts";

/** Makes a key of the type and size that `--type` and `--bits` say; less than 2048 bits is weak, and was asked for. */
export async function newKey(args: Arguments, io: Io): Promise<PrivateKey> {
  const bits = keyBits(args);
  if (bits > 3072 && io.stderr.isTerminal) {
    await io.stderr.write(`making a key of ${bits} bits takes a while\n`);
  }
  return await generateKey(keyType(args), { bits, allowWeak: true });
}

function keyType(args: Arguments): KeyType {
  return args.choice<KeyType>("type", KEY_TYPES) ?? "rsa";
}

function keyBits(args: Arguments): number {
  const bits = args.integer("bits", 1024, 8192) ?? 2048;
  if (bits % 16 !== 0) throw new UsageError("--bits is a multiple of 16");
  return bits;
}

/**
 * Refuses what is wrong about a new key, before any file is looked at: its type and size, or a passphrase that encrypts
 * nothing.
 */
export function checkNewKey(args: Arguments): void {
  keyBits(args);
  const type = keyType(args);
  if (type !== "rsa" && args.has("bits")) throw new UsageError(`--bits is not for --type ${type}`);
  checkEncryption(args);
}

/** Refuses a passphrase that encrypts nothing. */
export function checkEncryption(args: Arguments): void {
  if (args.has("passphrase-file") && !args.flag("encrypt")) {
    throw new UsageError("--passphrase-file is for --encrypt");
  }
}

/** Writes a private key for its owner alone; with `--encrypt`, under a passphrase. */
export async function writeKey(path: string, key: PrivateKey, args: Arguments, io: Io): Promise<void> {
  await writeSecret(path, await keyPem(path, key, args, io), args);
}

/** A private key as it is written to `path`: with `--encrypt`, under a passphrase. */
export async function keyPem(path: string, key: PrivateKey, args: Arguments, io: Io): Promise<string> {
  const secret = await newPassphrase(path, args, io);
  return exportPrivateKey(key, { passphrase: secret, derivation: "scrypt" });
}

/** Writes an X25519 key for its owner alone; with `--encrypt`, under a passphrase. */
export async function writeNativeKey(path: string, key: KeyPair, args: Arguments, io: Io): Promise<void> {
  await writeSecret(path, exportNativeKey(key, await newPassphrase(path, args, io)), args);
}

/** Writes a file for its owner alone. */
export async function writeSecret(path: string, contents: string, args: Arguments): Promise<void> {
  await writeNewFile(path, contents, { secret: true, force: args.flag("force") });
}

/** With `--encrypt`, what to encrypt under; a passphrase that is typed is typed twice. */
async function newPassphrase(path: string, args: Arguments, io: Io): Promise<string | undefined> {
  if (!args.flag("encrypt")) return undefined;
  const answer = await passphrase(args, io, `new passphrase for ${path}`);
  if (!args.has("passphrase-file") && answer !== await passphrase(args, io, "once more")) {
    throw new Error("the two passphrases are not the same");
  }
  return answer;
}

/** Reads a private key, and asks for its passphrase where it has one. */
export async function readKey(path: string, args: Arguments, io: Io): Promise<PrivateKey> {
  return await openKey(path, parsePrivateKey, args, io);
}

/** Reads an RSA key, and asks for its passphrase where it has one. */
export async function readRsaKey(path: string, args: Arguments, io: Io): Promise<RsaPrivateKey> {
  const key = await readKey(path, args, io);
  return await naming(path, () => requireRsa(key));
}

/** Reads an X25519 key, and asks for its passphrase where it has one. */
export async function readNativeKey(path: string, args: Arguments, io: Io): Promise<KeyPair> {
  return await openKey(path, parseNativeKey, args, io);
}

async function openKey<T>(
  path: string,
  parse: (file: Uint8Array, passphrase?: string) => T,
  args: Arguments,
  io: Io,
): Promise<T> {
  const file = await readSmallFile(path);
  return await naming(path, async () => {
    try {
      return parse(file);
    } catch (error) {
      if (!(error instanceof ChannelError && error.code === "passphrase")) throw error;
      return parse(file, await passphrase(args, io, `passphrase of ${path}`));
    }
  });
}

/** Reads the certificates of a file, PEM or DER, of which there must be one at least. */
export async function readCertificates(path: string): Promise<[Certificate, ...Certificate[]]> {
  const file = await readSmallFile(path);
  const [first, ...more] = await naming(path, () => parseCertificates(file));
  if (first === undefined) throw new Error(`${path}: there is no certificate in it`);
  return [first, ...more];
}

/** Reads the roots that `--roots` names: a file, or `system` for those of the system. */
export async function readRoots(path: string): Promise<readonly Certificate[]> {
  return path === "system" ? systemRoots() : await readCertificates(path);
}

/** Reads revocation lists, each PEM or DER. */
export async function readRevocationLists(paths: readonly string[]): Promise<RevocationList[]> {
  const lists: RevocationList[] = [];
  for (const path of paths) {
    const file = await readSmallFile(path);
    lists.push(await naming(path, () => parseRevocationList(file)));
  }
  return lists;
}

/** Reads a chain whose first certificate has to be for `key`. */
export async function readChain(path: string, key: PrivateKey): Promise<readonly Certificate[]> {
  const chain = await readCertificates(path);
  if (!samePublicKey(chain[0].publicKey, key)) {
    const pin = pinOf(publicKeyOf(key));
    const own = chain.findIndex((certificate) => certificate.pin === pin) + 1;
    const order = own > 0
      ? `; the certificate for it is number ${own} in the file, and has to come first`
      : "";
    throw new Error(`${path}: the certificate is for another key${order}`);
  }
  return chain;
}

/** The CA of `--ca` and `--ca-key`, and the certificates between it and its root, its own first. */
export async function readAuthority(
  args: Arguments,
  io: Io,
): Promise<CertificateAuthority & { readonly chain: readonly Certificate[] }> {
  const certificates = await readCertificates(args.text("ca") ?? "ca/ca.pem");
  const key = await readKey(args.text("ca-key") ?? "ca/ca-key.pem", args, io);
  return { certificate: certificates[0], key, chain: certificates.filter((one) => !isSelfSigned(one)) };
}

/** Whether a certificate or list bears the name of this certificate, and the signature of its key. */
export function isIssuedBy(
  { issuer, tbs, signature, signatureAlgorithm }: Certificate | RevocationList,
  { subject, publicKey }: Certificate,
): boolean {
  return issuer.matches(subject) &&
    verifySignature(publicKey, signatureScheme(signatureAlgorithm), tbs, signature);
}

/** Whether it is a root's, of no use in a chain. Its names alone do not say so (RFC 5280 section 3.2, self-issued). */
function isSelfSigned(certificate: Certificate): boolean {
  try {
    return isIssuedBy(certificate, certificate);
  } catch (error) {
    if (error instanceof ChannelError) return false; // of a kind that is not done here: no reason to leave it out
    throw error;
  }
}

/** Puts the file's name before whatever goes wrong with it. */
export async function naming<T>(path: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
