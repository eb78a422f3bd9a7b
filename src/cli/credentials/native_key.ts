/** X25519 keys of the setting native: private keys in files (RFC 8410), public keys as text. */

import { decodePem, der, type DerReader, encodePem, readDer, TAG } from "../../asn1/mod.ts";
import { fromBase64, toBase64 } from "../../bytes.ts";
import type { KeyPair } from "../../crypto/ec/key_agreement.ts";
import { x25519 } from "../../crypto/ec/x25519.ts";
import { ChannelError } from "../../errors.ts";
import { decryptKey, encryptKey } from "../../x509/keys/encryption/mod.ts";

const X25519 = "1.3.101.110";
const KEY_LENGTH = 32;

/** Writes a private key as PKCS#8 (RFC 8410 section 7), encrypted if a passphrase is given. */
export function exportNativeKey({ secretKey }: KeyPair, passphrase: string | undefined): string {
  const plain = der.sequence(
    der.integer(0),
    der.sequence(der.oid(X25519)),
    der.octetString(der.octetString(secretKey)),
  );
  if (passphrase === undefined) return encodePem("PRIVATE KEY", plain);
  return encodePem("ENCRYPTED PRIVATE KEY", encryptKey(plain, passphrase, { derivation: "scrypt" }));
}

/** Reads a private key from PKCS#8, PEM or DER. */
export function parseNativeKey(file: Uint8Array, passphrase?: string): KeyPair {
  return readDer(derOf(file), "the private key", (reader) =>
    reader.within((fields) => {
      if (!fields.has(TAG.sequence)) return readPkcs8(fields);
      const plain = decryptKey(fields, passphrase);
      return readDer(plain, "the decrypted private key", (reader) => reader.within(readPkcs8));
    }));
}

function derOf(file: Uint8Array): Uint8Array {
  if (file[0] === TAG.sequence) return file;
  const block = decodePem(file).find(({ label }) => label.endsWith("PRIVATE KEY"));
  if (block === undefined) throw new ChannelError("malformed", "the file contains no private key");
  return block.bytes;
}

/** Reads a OneAsymmetricKey (RFC 5958 section 2). The optional fields after the key are not needed. */
function readPkcs8(fields: DerReader): KeyPair {
  if (fields.smallInteger() > 1) fields.fail("has an unknown PKCS#8 version");
  const algorithm = fields.sequence();
  if (algorithm.oid() !== X25519) {
    throw new ChannelError(
      "unsupported",
      "the key is not an X25519 key: fesa keygen --type x25519 makes one",
    );
  }
  algorithm.end();
  const secretKey = readDer(fields.octetString(), "the X25519 private key", (reader) => reader.octetString());
  if (secretKey.length !== KEY_LENGTH) fields.fail("does not have the length of an X25519 key");
  while (!fields.done) fields.any();
  return { secretKey, publicKey: x25519.publicKey(secretKey) };
}

/** A public key as text: `x25519:` and base64. */
export function nativeKeyText(publicKey: Uint8Array): string {
  return `x25519:${toBase64(publicKey)}`;
}

/** Reads what {@link nativeKeyText} writes. */
export function parseNativeKeyText(text: string): Uint8Array {
  const match = /^x25519:([A-Za-z0-9+/]{43}=)$/.exec(text);
  if (match === null) throw new Error(`a key of native is x25519: and 44 characters of base64, not ${text}`);
  return fromBase64(match[1]);
}
