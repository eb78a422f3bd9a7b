/** Decryption of old OpenSSL's PEM encryption (RFC 1421 section 4.6.1.3): the header DEK-Info, and a key derived by MD5. */

import type { PemBlock } from "../../asn1/pem.ts";
import { fromHex } from "../../bytes.ts";
import { Aes } from "../../crypto/aes.ts";
import { TripleDes } from "../../crypto/des.ts";
import { opensslKdf } from "../../crypto/kdf.ts";
import { ChannelError } from "../../errors.ts";
import { checkedPlaintext } from "./encryption/mod.ts";
import { type CbcDecryption, decryptPadded } from "./encryption/padding.ts";
import { utf8Passphrase } from "./encryption/scheme.ts";

interface Cipher {
  readonly keyLength: number;
  readonly blockLength: number;
  readonly create: (key: Uint8Array) => CbcDecryption;
}

const aes = (keyLength: number): Cipher => ({ keyLength, blockLength: 16, create: (key) => new Aes(key) });

const CIPHERS: ReadonlyMap<string, Cipher> = new Map([
  ["AES-128-CBC", aes(16)],
  ["AES-192-CBC", aes(24)],
  ["AES-256-CBC", aes(32)],
  ["DES-EDE3-CBC", { keyLength: 24, blockLength: 8, create: (key) => new TripleDes(key) }],
]);

/** Decrypts a block that has the header. */
export function decryptPemBlock(
  { headers, bytes }: PemBlock,
  passphrase: string | Uint8Array | undefined,
): Uint8Array {
  const [, name, iv] = /^([A-Z0-9-]{1,40}),([0-9A-Fa-f]{2,64})$/.exec(headers.get("DEK-Info") ?? "") ?? [];
  const cipher = CIPHERS.get(name);
  if (name === undefined) throw new ChannelError("malformed", "the PEM header DEK-Info is malformed");
  if (cipher === undefined) {
    throw new ChannelError(
      "unsupported",
      `the PEM encryption ${name} is not supported (convert with openssl pkcs8 -topk8)`,
    );
  }
  if (iv.length !== 2 * cipher.blockLength) {
    throw new ChannelError("malformed", "the PEM header DEK-Info has an IV of the wrong size");
  }
  if (passphrase === undefined) {
    throw new ChannelError("passphrase", "the private key is encrypted: a passphrase is needed");
  }
  const vector = fromHex(iv);
  const key = opensslKdf(utf8Passphrase(passphrase), vector.subarray(0, 8), cipher.keyLength);
  return checkedPlaintext(decryptPadded(cipher.create(key), vector, bytes));
}
