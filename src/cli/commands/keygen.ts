/** `fesa keygen`: a private key, or a shared secret. */

import { toHex } from "../../bytes.ts";
import { x25519 } from "../../crypto/ec/x25519.ts";
import { randomBytes } from "../../crypto/random.ts";
import { type Arguments, type Command, type Io, printResult, UsageError } from "../command.ts";
import { keyJson, lines, nativeKeyJson } from "../credentials/describe.ts";
import {
  checkEncryption,
  checkNewKey,
  newKey,
  writeKey,
  writeNativeKey,
  writeSecret,
} from "../credentials/new_key.ts";
import { PASSPHRASE_OPTION } from "../credentials/passphrase.ts";
import { refuseExisting } from "../files.ts";
import { BITS_OPTION, FORCE_OPTION, JSON_OPTION, KEY_TYPES } from "../options.ts";

const TYPES = [...KEY_TYPES, "x25519"] as const;

/** Makes a private key and prints its pin, an X25519 key and prints its public key, or a shared secret. */
export const keygen: Command = {
  name: "keygen",
  summary: "make a private key, and print the pin by which clients can trust it",
  usage: [
    "[--type rsa] [--bits 2048] [--out key.pem] [--encrypt]",
    "--type x25519 [--out native.pem] [--encrypt]",
    "--secret [--out secret]",
  ],
  examples: ["--type p256", "--secret --out secret"],
  options: {
    type: {
      type: "string",
      value: "TYPE",
      choices: TYPES,
      help: `${KEY_TYPES.join(", ")} for certificate and key, x25519 for native; rsa by default`,
    },
    bits: BITS_OPTION,
    secret: { type: "boolean", help: "make a shared secret for the setting native instead: 32 random bytes" },
    out: {
      type: "string",
      value: "FILE",
      help: "the file to write; key.pem, native.pem or secret by default",
    },
    encrypt: { type: "boolean", help: "encrypt the key with a passphrase" },
    "passphrase-file": PASSPHRASE_OPTION,
    force: FORCE_OPTION,
    json: JSON_OPTION,
  },
  async run(args, io) {
    checkEncryption(args);
    for (const name of ["type", "bits", "encrypt"]) {
      if (args.flag("secret") && args.has(name)) throw new UsageError(`--${name} is not for --secret`);
    }
    const { file, make } = KINDS[kindOf(args)];
    const out = args.text("out") ?? file;
    await refuseExisting([out], args.flag("force"));
    const description = await make(out, args, io);
    await printResult(args, io, description, lines(description));
    return 0;
  },
};

function kindOf(args: Arguments): keyof typeof KINDS {
  if (args.flag("secret")) return "secret";
  if (args.choice("type", TYPES) !== "x25519") {
    checkNewKey(args);
    return "private";
  }
  if (args.has("bits")) throw new UsageError("--bits is not for --type x25519");
  return "x25519";
}

async function newSecret(file: string, args: Arguments): Promise<Record<string, unknown>> {
  await writeSecret(file, `${toHex(randomBytes(32))}\n`, args);
  return { file, type: "shared secret" };
}

async function newPrivateKey(file: string, args: Arguments, io: Io): Promise<Record<string, unknown>> {
  const key = await newKey(args, io);
  await writeKey(file, key, args, io);
  return { file, ...keyJson("private key", key) };
}

async function newNativeKey(file: string, args: Arguments, io: Io): Promise<Record<string, unknown>> {
  const key = x25519.generateKeyPair();
  await writeNativeKey(file, key, args, io);
  return { file, ...nativeKeyJson(key) };
}

const KINDS = {
  private: { file: "key.pem", make: newPrivateKey },
  x25519: { file: "native.pem", make: newNativeKey },
  secret: { file: "secret", make: newSecret },
} as const;
