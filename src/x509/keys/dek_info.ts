/**
 * Decrypts PEM blocks that old OpenSSL versions encrypted: with a DEK-Info header (RFC 1421 section 4.6.1.3) and a key
 * derived by MD5.
 */

import type { PemBlock } from "../../asn1/pem.ts";
import { fromHex } from "../../bytes.ts";
import { opensslKdf } from "../../crypto/kdf.ts";
import { ChannelError } from "../../errors.ts";
import { CBC_SCHEMES, type CbcScheme, decryptPadded } from "./encryption/cbc.ts";
import { checkedPlaintext, requirePassphrase } from "./encryption/mod.ts";
import { utf8Passphrase } from "./encryption/scheme.ts";

const CIPHERS: ReadonlyMap<string, CbcScheme> = new Map(Object.entries(CBC_SCHEMES));

/** Decrypts a block with a DEK-Info header. */
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
  const vector = fromHex(iv);
  const password = utf8Passphrase(requirePassphrase(passphrase));
  const key = opensslKdf(password, vector.subarray(0, 8), cipher.keyLength);
  return checkedPlaintext(decryptPadded(cipher.create(key), vector, bytes));
}
