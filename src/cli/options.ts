/** Options that several commands share. */

import type { KeyType } from "../x509/mod.ts";
import { type Arguments, type Option, UsageError } from "./command.ts";

/** Allows files to be overwritten. */
export const FORCE_OPTION: Option = { type: "boolean", help: "overwrite existing files" };

/** Makes the output JSON. */
export const JSON_OPTION: Option = { type: "boolean", help: "print JSON, for programs" };

/** The security settings. */
export const SETTINGS = ["certificate", "key", "native", "off"] as const;

/** The key exchanges of `certificate` and `key`. */
export const KEY_EXCHANGES = ["ECDHE", "RSA", "either"] as const;

/** The algorithms of `certificate` and `key`. */
export const ALGORITHMS = ["AES", "ChaCha20", "3DES"] as const;

/** The types of key that `--type` makes. */
export const KEY_TYPES: readonly KeyType[] = ["rsa", "p256", "p384", "p521", "ed25519"];

/** The type of a new key. */
export const KEY_TYPE_OPTION: Option = {
  type: "string",
  value: "TYPE",
  choices: KEY_TYPES,
  help: `the type of the new key: ${KEY_TYPES.join(", ")}; rsa by default`,
};

/** The size of a new key. */
export const BITS_OPTION: Option = {
  type: "string",
  value: "BITS",
  help: "the size of the new RSA key: 2048 by default, 1024 (weak) to 8192",
};

/** The trusted roots. */
export const ROOTS_OPTION: Option = {
  type: "string",
  value: "FILE",
  help: "the trusted roots, or system for those of this system",
};

/** The CA's certificate. */
export const CA_OPTION: Option = {
  type: "string",
  value: "FILE",
  help: "the CA's certificate, followed by those up to the root; ca/ca.pem by default",
};

/** The CA's private key. */
export const CA_KEY_OPTION: Option = {
  type: "string",
  value: "FILE",
  help: "the CA's private key; ca/ca-key.pem by default",
};

/** Allows RSA keys of 1024 to 2047 bits. */
export const ALLOW_WEAK_OPTION: Option = {
  type: "boolean",
  help: "also accept RSA keys of 1024 to 2047 bits",
};

/** The message for an RSA key of this many bits without that option. */
export function needsAllowWeak(bits: number): string {
  return `an RSA key of ${bits} bits needs --allow-weak to be used`;
}

/** The key exchange of `certificate` and `key`. */
export const KEY_EXCHANGE_OPTION: Option = {
  type: "string",
  value: "EXCHANGE",
  choices: KEY_EXCHANGES,
  help:
    "for certificate and key: ECDHE (by default), RSA, which is FESA's own and has no forward secrecy, or either",
};

/** The cipher of `native`. */
export const CIPHER_OPTION = {
  type: "string",
  value: "CIPHER",
  choices: ["ChaChaPoly", "AESGCM"],
  help: "ChaChaPoly (by default) or AESGCM, for native",
} as const;

/** How messages are compressed. */
export const COMPRESSION_OPTION = {
  type: "string",
  value: "MODE",
  choices: ["off", "message", "stream"],
  help: "off, message, or (native and off) stream",
} as const;

/** Whose cryptography is used. */
export const CRYPTO_OPTION = {
  type: "string",
  value: "platform|pure",
  choices: ["platform", "pure"],
  help: "pure uses only TypeScript; the platform's cryptography by default",
} as const;

/** The options for revocation. */
export const REVOCATION_OPTIONS: Readonly<Record<string, Option>> = {
  crl: {
    type: "string",
    multiple: true,
    value: "FILE",
    help: "a revocation list of a CA in the chain",
  },
  "require-crl": { type: "boolean", help: "refuse certificates that no current revocation list covers" },
  "crl-issuer": {
    type: "string",
    multiple: true,
    value: "FILE",
    help: "certificates of the signers of the lists, if those are not the CAs in the chain",
  },
  "crl-days": {
    type: "string",
    value: "DAYS",
    help: "how long a list without nextUpdate counts as current; 7 by default",
  },
};

/** The longest validity of a new certificate, in days. */
export const MAX_DAYS = 36_500;

/** Refuses an option that belongs to none of the chosen settings; `options` lists those of each setting. */
export function refuseForeign(
  args: Arguments,
  chosen: readonly string[],
  options: Readonly<Record<string, readonly string[]>>,
): void {
  const own = chosen.flatMap((setting) => options[setting]);
  for (const name of Object.values(options).flat()) {
    if (args.has(name) && !own.includes(name)) {
      throw new UsageError(`--${name} is not for the setting ${chosen.join(" or ")}`);
    }
  }
}

/** Requires exactly one of the options that say whom a setting trusts. */
export function requireOne(args: Arguments, setting: string, names: readonly string[]): void {
  if (names.filter((name) => args.has(name)).length === 1) return;
  const list = names.map((name) => `--${name}`).join(", ").replace(/, (?=[^,]*$)/, " and ");
  throw new UsageError(`the setting ${setting} needs one of ${list}`);
}
