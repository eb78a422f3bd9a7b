/** Makes new keys and writes them, encrypted if that is asked for. */

import type { KeyPair } from "../../crypto/ec/key_agreement.ts";
import { exportPrivateKey, generateKey, type KeyType, type PrivateKey } from "../../x509/mod.ts";
import { type Arguments, type Io, UsageError } from "../command.ts";
import { exists, writeNewFile } from "../files.ts";
import { KEY_TYPES } from "../options.ts";
import { exportNativeKey } from "./native_key.ts";
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

/** Whether the key must be made. Refuses options for a new key if the key exists. */
export async function isNewKey(keyFile: string, args: Arguments): Promise<boolean> {
  if (!await exists(keyFile)) return true;
  for (const name of ["type", "bits", "encrypt"]) {
    if (args.has(name)) throw new UsageError(`--${name} is for a new key, and ${keyFile} already exists`);
  }
  return false;
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
