/** Private keys, made and opened on the command line. */

import { decodePem, TAG } from "../asn1/mod.ts";
import type { KeyPair } from "../crypto/ec/key_agreement.ts";
import { ChannelError } from "../errors.ts";
import {
  type Certificate,
  type CertificateAuthority,
  exportPrivateKey,
  generateKey,
  type KeyType,
  parseCertificates,
  parsePkcs12,
  parsePrivateKey,
  type Pkcs12,
  type PrivateKey,
  type RevocationList,
  systemRoots,
} from "../x509/mod.ts";
import type { Bags } from "../x509/pkcs12/bags.ts";
import { assemble, isPkcs12 } from "../x509/pkcs12/read.ts";
import { verifySignature } from "../x509/keys/signature.ts";
import { signatureScheme } from "../x509/keys/signature_scheme.ts";
import { type Arguments, type Io, UsageError } from "./command.ts";
import { isReadByAll, readSmallFile, writeNewFile } from "./files.ts";
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
  const secret = args.flag("encrypt") ? await newPassphrase(path, args, io) : undefined;
  return exportPrivateKey(key, { passphrase: secret, derivation: "scrypt" });
}

/** Writes an X25519 key for its owner alone; with `--encrypt`, under a passphrase. */
export async function writeNativeKey(path: string, key: KeyPair, args: Arguments, io: Io): Promise<void> {
  const secret = args.flag("encrypt") ? await newPassphrase(path, args, io) : undefined;
  await writeSecret(path, exportNativeKey(key, secret), args);
}

/** Writes a file for its owner alone. */
export async function writeSecret(path: string, contents: string, args: Arguments): Promise<void> {
  await writeNewFile(path, contents, { secret: true, force: args.flag("force") });
}

/** A passphrase to encrypt under; one that is typed is typed twice. */
export async function newPassphrase(
  path: string,
  args: Arguments,
  io: Io,
  option = "passphrase-file",
): Promise<string> {
  const answer = await passphrase(args, io, `new passphrase for ${path}`, option);
  if (!args.has(option) && answer !== await passphrase(args, io, "once more", option)) {
    throw new Error("the two passphrases are not the same");
  }
  return answer;
}

/** Reads a private key, and asks for its passphrase where it has one. */
export async function readKey(path: string, args: Arguments, io: Io): Promise<PrivateKey> {
  return await openKey(
    path,
    (file, secret) => isPkcs12(file) ? onlyKey(file, secret) : parsePrivateKey(file, secret),
    args,
    io,
  );
}

/** The private key of a PKCS#12 file that holds one. */
function onlyKey(file: Uint8Array, secret: string | undefined): PrivateKey {
  const { keys } = parsePkcs12(file, secret);
  if (keys.length !== 1) throw new Error(`the PKCS#12 file holds ${keys.length} private keys instead of one`);
  return keys[0].key;
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
  return await openFile(path, parse, args, io, () => warnOfReaders(path, io));
}

/** Reads a file, and asks for its passphrase where it has one; `unprotected` is called where it has none. */
async function openFile<T>(
  path: string,
  parse: (file: Uint8Array, passphrase?: string) => T,
  args: Arguments,
  io: Io,
  unprotected?: () => Promise<void>,
): Promise<T> {
  const file = await readSmallFile(path);
  return await naming(path, async () => {
    try {
      const opened = parse(file);
      await unprotected?.();
      return opened;
    } catch (error) {
      if (!(error instanceof ChannelError && error.code === "passphrase")) throw error;
      return parse(file, await passphrase(args, io, `passphrase of ${path}`));
    }
  });
}

/** A private key that is not encrypted is for its owner's eyes, and perhaps a group's. */
async function warnOfReaders(path: string, io: Io): Promise<void> {
  if (await isReadByAll(path)) {
    await io.stderr.write(`warning: everybody can read the private key in ${path}: chmod 600 ${path}\n`);
  }
}

/** Reads the certificates of a file, PEM, DER, PKCS#7 or PKCS#12, of which there must be one at least. */
export async function readCertificates(
  path: string,
  args: Arguments,
  io: Io,
): Promise<[Certificate, ...Certificate[]]> {
  const file = await readSmallFile(path);
  const [first, ...more] = isPkcs12(file)
    ? allCertificates(await openPkcs12(path, args, io))
    : await naming(path, () => parseCertificates(file));
  if (first === undefined) throw new Error(`${path}: there is no certificate in it`);
  return [first, ...more];
}

/** Reads a PKCS#12 file, and asks for its passphrase where it has one. */
export async function openPkcs12(path: string, args: Arguments, io: Io): Promise<Pkcs12> {
  return await openFile(path, parsePkcs12, args, io);
}

/** The chains of the keys, and then the certificates that belong to none. */
function allCertificates({ keys, certificates }: Pkcs12): Certificate[] {
  return [...keys.flatMap((one) => one.certificates), ...certificates.map(({ certificate }) => certificate)];
}

/** Reads all private keys and certificates of files of any form, and puts them together. */
export async function readKeysAndCertificates(
  paths: readonly string[],
  args: Arguments,
  io: Io,
): Promise<Pkcs12> {
  const found: Bags = { keys: [], certificates: [] };
  for (const path of paths) {
    const file = await readSmallFile(path);
    if (isPkcs12(file)) {
      const { keys, certificates } = await openPkcs12(path, args, io);
      for (const { key, friendlyName } of keys) found.keys.push({ key, friendlyName });
      found.certificates.push(...allCertificates({ keys, certificates: [] }).map(unnamed), ...certificates);
    } else {
      const { key, certificate } = partsOf(file);
      if (key) found.keys.push({ key: await readKey(path, args, io), friendlyName: undefined });
      if (certificate) found.certificates.push(...(await readCertificates(path, args, io)).map(unnamed));
      if (!key && !certificate) throw new Error(`${path}: there is no private key or certificate in it`);
    }
  }
  return assemble(found);
}

function unnamed(certificate: Certificate): Bags["certificates"][number] {
  return { certificate, friendlyName: undefined };
}

/** Which parts a file has, by the labels of PEM; DER is tried as a certificate. */
function partsOf(file: Uint8Array): { readonly key: boolean; readonly certificate: boolean } {
  if (file[0] === TAG.sequence) {
    const certificate = canParse(() => parseCertificates(file));
    return { key: !certificate, certificate };
  }
  const labels = decodePem(file).map(({ label }) => label);
  return {
    key: labels.some((label) => label.endsWith("PRIVATE KEY")),
    certificate: labels.some((label) =>
      label.endsWith("CERTIFICATE") || label === "PKCS7" || label === "CMS"
    ),
  };
}

function canParse(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch (error) {
    if (error instanceof ChannelError) return false;
    throw error;
  }
}

/** Reads the roots that `--roots` names: a file, or `system` for those of the system. */
export async function readRoots(path: string, args: Arguments, io: Io): Promise<readonly Certificate[]> {
  return path === "system" ? systemRoots() : await readCertificates(path, args, io);
}

/** The CA of `--ca` and `--ca-key`, and the certificates between it and its root, its own first. */
export async function readAuthority(
  args: Arguments,
  io: Io,
): Promise<CertificateAuthority & { readonly chain: readonly Certificate[] }> {
  const certificates = await readCertificates(args.text("ca") ?? "ca/ca.pem", args, io);
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
