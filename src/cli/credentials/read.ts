/** Reads private keys and certificates from files of every format; asks for passphrases. */

import { decodePem, TAG } from "../../asn1/mod.ts";
import type { KeyPair } from "../../crypto/ec/key_agreement.ts";
import { attempt, ChannelError } from "../../errors.ts";
import {
  type Certificate,
  parseCertificates,
  parsePkcs12,
  parsePrivateKey,
  type Pkcs12,
  type PrivateKey,
  systemRoots,
} from "../../x509/mod.ts";
import type { Bags } from "../../x509/pkcs12/bags.ts";
import { assemble, isPkcs12 } from "../../x509/pkcs12/read.ts";
import type { Arguments, Io } from "../command.ts";
import { isReadByAll, naming, readSmallFile } from "../files.ts";
import { parseNativeKey } from "./native_key.ts";
import { passphrase } from "./passphrase.ts";

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
export function allCertificates({ keys, certificates }: Pkcs12): Certificate[] {
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
    const certificate = attempt(() => parseCertificates(file)) !== undefined;
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

/** Reads the roots that `--roots` names: a file, or `system` for those of the system. */
export async function readRoots(path: string, args: Arguments, io: Io): Promise<readonly Certificate[]> {
  return path === "system" ? systemRoots() : await readCertificates(path, args, io);
}
