/** Makes and opens private keys for the commands. */

import { decodePem, TAG } from "../../asn1/mod.ts";
import type { KeyPair } from "../../crypto/ec/key_agreement.ts";
import { ChannelError } from "../../errors.ts";
import { verifySignature } from "../../x509/keys/signature.ts";
import { signatureScheme } from "../../x509/keys/signature_scheme.ts";
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
} from "../../x509/mod.ts";
import type { Bags } from "../../x509/pkcs12/bags.ts";
import { assemble, isPkcs12 } from "../../x509/pkcs12/read.ts";
import { type Arguments, type Io, UsageError } from "../command.ts";
import { isReadByAll, readSmallFile, writeNewFile } from "../files.ts";
import { KEY_TYPES } from "../options.ts";
import { exportNativeKey, parseNativeKey } from "./native_key.ts";
import { passphrase } from "./passphrase.ts";

/** Makes a key of the type and size that `--type` and `--bits` say, weak sizes included. */
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
  if (bits % 16 !== 0) throw new UsageError("--bits must be a multiple of 16");
  return bits;
}

/**
 * Checks the options for a new key before any file is read: its type and size, and that a passphrase goes with
 * `--encrypt`.
 */
export function checkNewKey(args: Arguments): void {
  checkKeyType(args);
  checkEncryption(args);
}

/** Refuses a type and size of a new key that do not go together. */
export function checkKeyType(args: Arguments): void {
  keyBits(args);
  const type = keyType(args);
  if (type !== "rsa" && args.has("bits")) throw new UsageError(`--bits is not for --type ${type}`);
}

/** Refuses a passphrase without `--encrypt`. */
export function checkEncryption(args: Arguments): void {
  if (args.has("passphrase-file") && !args.flag("encrypt")) {
    throw new UsageError("--passphrase-file is for --encrypt");
  }
}

/** Writes a private key that only its owner can read; with `--encrypt`, under a passphrase. */
export async function writeKey(path: string, key: PrivateKey, args: Arguments, io: Io): Promise<void> {
  await writeSecret(path, await keyPem(path, key, args, io), args);
}

/** Encodes a private key for `path`; with `--encrypt`, under a passphrase. */
export async function keyPem(path: string, key: PrivateKey, args: Arguments, io: Io): Promise<string> {
  const secret = args.flag("encrypt") ? await newPassphrase(path, args, io) : undefined;
  return exportPrivateKey(key, { passphrase: secret, derivation: "scrypt" });
}

/** Writes an X25519 key that only its owner can read; with `--encrypt`, under a passphrase. */
export async function writeNativeKey(path: string, key: KeyPair, args: Arguments, io: Io): Promise<void> {
  const secret = args.flag("encrypt") ? await newPassphrase(path, args, io) : undefined;
  await writeSecret(path, exportNativeKey(key, secret), args);
}

/** Writes a file that only its owner can read. */
export async function writeSecret(path: string, contents: string, args: Arguments): Promise<void> {
  await writeNewFile(path, contents, { secret: true, force: args.flag("force") });
}

/** Gets a passphrase to encrypt under; asks for it twice at the terminal. */
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

/** Reads a private key; asks for the passphrase if it is encrypted. */
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
  if (keys.length !== 1) {
    throw new Error(`the PKCS#12 file contains ${keys.length} private keys instead of one`);
  }
  return keys[0].key;
}

/** Reads an X25519 key; asks for the passphrase if it is encrypted. */
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

/** Reads a file; asks for the passphrase if it is encrypted, and calls `unprotected` if it is not. */
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

/** Warns if everyone can read a private key that is not encrypted. */
async function warnOfReaders(path: string, io: Io): Promise<void> {
  if (await isReadByAll(path)) {
    await io.stderr.write(`warning: everybody can read the private key in ${path}: chmod 600 ${path}\n`);
  }
}

/** Reads the certificates of a file, PEM, DER, PKCS#7 or PKCS#12; throws if it has none. */
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

/** Reads a PKCS#12 file; asks for its passphrase if it has one. */
export async function openPkcs12(path: string, args: Arguments, io: Io): Promise<Pkcs12> {
  return await openFile(path, parsePkcs12, args, io);
}

/** The chains of the keys, followed by the certificates that belong to no key. */
function allCertificates({ keys, certificates }: Pkcs12): Certificate[] {
  return [...keys.flatMap((one) => one.certificates), ...certificates.map(({ certificate }) => certificate)];
}

/** Reads all private keys and certificates from files of any format. */
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

/** Returns what a file contains, by its PEM labels; DER is tried as a certificate. */
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

/** Reads the CA of `--ca` and `--ca-key`, and its chain, its own certificate first. */
export async function readAuthority(
  args: Arguments,
  io: Io,
): Promise<CertificateAuthority & { readonly chain: readonly Certificate[] }> {
  const certificates = await readCertificates(args.text("ca") ?? "ca/ca.pem", args, io);
  const key = await readKey(args.text("ca-key") ?? "ca/ca-key.pem", args, io);
  return { certificate: certificates[0], key, chain: certificates.filter((one) => !isSelfSigned(one)) };
}

/** Whether a certificate or list names this certificate as its issuer and was signed by its key. */
export function isIssuedBy(
  { issuer, tbs, signature, signatureAlgorithm }: Certificate | RevocationList,
  { subject, publicKey }: Certificate,
): boolean {
  return issuer.matches(subject) &&
    verifySignature(publicKey, signatureScheme(signatureAlgorithm), tbs, signature);
}

/** Whether a certificate is self-signed, so useless in a chain. Equal names only make it self-issued (RFC 5280 section 3.2). */
function isSelfSigned(certificate: Certificate): boolean {
  try {
    return isIssuedBy(certificate, certificate);
  } catch (error) {
    if (error instanceof ChannelError) return false; // an unsupported algorithm is no reason to leave it out
    throw error;
  }
}

/** Puts the file's name before errors about it. */
export async function naming<T>(path: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
