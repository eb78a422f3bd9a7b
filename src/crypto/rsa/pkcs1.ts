/** RSAES-PKCS1-v1_5 and RSASSA-PKCS1-v1_5 (RFC 8017 sections 7.2 and 8.2), and the RSA key exchange of TLS. */

import { concat, equalBytes, fromHex } from "../../bytes.ts";
import { ChannelError } from "../../errors.ts";
import { hashByName, type HashName } from "../hash.ts";
import { type RandomBytes, randomBytes } from "../random.ts";
import { modulusLength, type RsaNumbers, type RsaPrivateNumbers } from "./key.ts";
import { maskIfZero } from "./mask.ts";
import { PURE_RSA, type RsaPrimitives } from "./raw.ts";

/** The minimum length of the padding: 00 02, eight random bytes, 00 (RFC 8017 section 7.2.1 step 1). */
const OVERHEAD = 11;

/** The length of a pre-master secret (RFC 5246 section 7.4.7.1). */
const PRE_MASTER_LENGTH = 48;

/**
 * Encrypts a message of at most `modulusLength(key) - 11` bytes (RFC 8017 section 7.2.1). It is for protocols that require it;
 * new ones should use {@link encryptOaep}.
 *
 * @param random The generator for the padding; the platform's by default.
 * @param primitives The primitives that compute the powers; this library's own code by default.
 * @throws {RangeError} If the message is too long for the key.
 * @throws {ChannelError} If the key is not within the bounds of {@link checkPublicKey}.
 *
 * @example
 * ```ts
 * import { decryptPkcs1, encryptPkcs1, generateKeyPair } from "@fesa/channel/rsa";
 *
 * const { publicKey, privateKey } = await generateKeyPair();
 * const ciphertext = encryptPkcs1(publicKey, new TextEncoder().encode("hello"));
 * const message = decryptPkcs1(privateKey, ciphertext);
 * if (new TextDecoder().decode(message) !== "hello") throw new Error();
 * ```
 */
export function encryptPkcs1(
  key: RsaNumbers,
  message: Uint8Array,
  random: RandomBytes = randomBytes,
  { publicOperation }: RsaPrimitives = PURE_RSA,
): Uint8Array {
  const length = modulusLength(key);
  if (message.length > length - OVERHEAD) {
    throw new RangeError(`the message is longer than ${length - OVERHEAD} bytes`);
  }
  const padding = nonZeroBytes(length - 3 - message.length, random);
  return publicOperation(key, concat(Uint8Array.of(0, 2), padding, Uint8Array.of(0), message))!;
}

/**
 * Decrypts a message (RFC 8017 section 7.2.2). An attacker who can send ciphertexts and see whether this throws, or how long it
 * takes, can decrypt other ciphertexts (Bleichenbacher 1998): TLS must use {@link decryptPremasterSecret}.
 *
 * @param random The generator for the blinding; the platform's by default.
 * @param primitives The primitives that compute the powers; this library's own code by default.
 * @throws {ChannelError} `"crypto"`, the same error for every fault of the ciphertext.
 *
 * @example
 * ```ts
 * import { decryptPkcs1, encryptPkcs1, generateKeyPair } from "@fesa/channel/rsa";
 *
 * const { publicKey, privateKey } = await generateKeyPair();
 * const message = decryptPkcs1(privateKey, encryptPkcs1(publicKey, new Uint8Array(10)));
 * if (message.length !== 10) throw new Error();
 * ```
 */
export function decryptPkcs1(
  key: RsaPrivateNumbers,
  ciphertext: Uint8Array,
  random: RandomBytes = randomBytes,
  { privateOperation }: RsaPrimitives = PURE_RSA,
): Uint8Array {
  const block = privateOperation(key, ciphertext, random);
  const start = block === null ? 0 : messageStart(block);
  if (block === null || start === 0) throw new ChannelError("crypto", "RSA decryption failed");
  return block.slice(start);
}

/**
 * Decrypts the pre-master secret of a TLS RSA key exchange as RFC 5246 section 7.4.7.1 requires. If anything is wrong with the
 * ciphertext, its padding, its length or the `version` inside it (the client's highest, such as 0x0303), the result is 48
 * random bytes, and the handshake fails later, in its Finished messages. The choice is made without a branch.
 *
 * @param random The generator for the blinding and the random result; the platform's by default.
 * @param primitives The primitives that compute the powers; this library's own code by default.
 * @throws {ChannelError} Only if the key itself is faulty.
 *
 * @example
 * ```ts
 * import { decryptPremasterSecret, encryptPkcs1, generateKeyPair } from "@fesa/channel/rsa";
 *
 * const { publicKey, privateKey } = await generateKeyPair();
 * const secret = crypto.getRandomValues(new Uint8Array(48));
 * secret.set([3, 3]);
 * const received = decryptPremasterSecret(privateKey, encryptPkcs1(publicKey, secret), 0x0303);
 * if (received.some((byte, i) => byte !== secret[i])) throw new Error();
 * ```
 */
export function decryptPremasterSecret(
  key: RsaPrivateNumbers,
  ciphertext: Uint8Array,
  version: number,
  random: RandomBytes = randomBytes,
  { privateOperation }: RsaPrimitives = PURE_RSA,
): Uint8Array {
  const substitute = random(PRE_MASTER_LENGTH);
  const block = privateOperation(key, ciphertext, random);
  if (block === null) return substitute; // the wrong length, or not below the modulus: anyone can see that
  const start = block.length - PRE_MASTER_LENGTH;
  const faults = (messageStart(block) ^ start) | (block[start] ^ version >> 8) |
    (block[start + 1] ^ version & 0xff);
  const mask = maskIfZero(faults);
  return substitute.map((byte, i) => byte ^ (byte ^ block[start + i]) & mask);
}

/**
 * Signs a message (RFC 8017 section 8.2.1).
 *
 * @param random The generator for the blinding; the platform's by default.
 * @param primitives The primitives that compute the powers; this library's own code by default.
 * @throws {ChannelError} `"crypto"` if the parts of the key do not belong together.
 *
 * @example
 * ```ts
 * import { generateKeyPair, signPkcs1, verifyPkcs1 } from "@fesa/channel/rsa";
 *
 * const { publicKey, privateKey } = await generateKeyPair();
 * const message = new TextEncoder().encode("hello");
 * const signature = signPkcs1(privateKey, "SHA-256", message);
 * if (!verifyPkcs1(publicKey, "SHA-256", message, signature)) throw new Error();
 * ```
 */
export function signPkcs1(
  key: RsaPrivateNumbers,
  hash: HashName,
  message: Uint8Array,
  random: RandomBytes = randomBytes,
  { privateOperation }: RsaPrimitives = PURE_RSA,
): Uint8Array {
  return privateOperation(key, encodeSignatureBlock(hash, message, modulusLength(key)), random)!;
}

/**
 * Returns whether a signature is valid for this message (RFC 8017 section 8.2.2). The expected block is encoded and compared
 * whole, so nothing in the signature is ever parsed.
 *
 * @param primitives The primitives that compute the powers; this library's own code by default.
 * @throws {ChannelError} If the key is not within the bounds of {@link checkPublicKey}.
 *
 * @example
 * ```ts
 * import { generateKeyPair, verifyPkcs1 } from "@fesa/channel/rsa";
 *
 * const { publicKey } = await generateKeyPair();
 * if (verifyPkcs1(publicKey, "SHA-256", new Uint8Array(3), new Uint8Array(256))) throw new Error();
 * ```
 */
export function verifyPkcs1(
  key: RsaNumbers,
  hash: HashName,
  message: Uint8Array,
  signature: Uint8Array,
  { publicOperation }: RsaPrimitives = PURE_RSA,
): boolean {
  const block = publicOperation(key, signature);
  return block !== null && equalBytes(block, encodeSignatureBlock(hash, message, block.length));
}

/** The bytes before the digest in a DigestInfo (RFC 8017 section 9.2 note 1). */
const DIGEST_INFO: Readonly<Record<HashName, Uint8Array>> = {
  "SHA-1": fromHex("3021300906052b0e03021a05000414"),
  "SHA-224": fromHex("302d300d06096086480165030402040500041c"),
  "SHA-256": fromHex("3031300d060960864801650304020105000420"),
  "SHA-384": fromHex("3041300d060960864801650304020205000430"),
  "SHA-512": fromHex("3051300d060960864801650304020305000440"),
  "SHA-512/224": fromHex("302d300d06096086480165030402050500041c"),
  "SHA-512/256": fromHex("3031300d060960864801650304020605000420"),
};

/** Encodes by EMSA-PKCS1-v1_5 (RFC 8017 section 9.2). Even the shortest modulus has room for the longest digest. */
function encodeSignatureBlock(hash: HashName, message: Uint8Array, length: number): Uint8Array {
  const digestInfo = concat(DIGEST_INFO[hash], hashByName(hash)(message));
  const padding = new Uint8Array(length - 3 - digestInfo.length).fill(0xff);
  return concat(Uint8Array.of(0, 1), padding, Uint8Array.of(0), digestInfo);
}

/** Returns where the message starts in a block, or 0 if the padding is wrong. The time depends on the length alone. */
function messageStart(block: Uint8Array): number {
  let searching = -1;
  let start = 0;
  for (let i = 2; i < block.length; i++) {
    const isZero = maskIfZero(block[i]);
    start |= (i + 1) & searching & isZero;
    searching &= ~isZero;
  }
  const tooShort = (start - OVERHEAD) >>> 31; // also if there is no zero byte at all
  return start & maskIfZero(block[0] | (block[1] ^ 2) | tooShort);
}

/** Returns random bytes, none of them zero. */
function nonZeroBytes(length: number, random: RandomBytes): Uint8Array {
  const bytes = random(length);
  for (let i = 0; i < length; i++) {
    while (bytes[i] === 0) bytes[i] = random(1)[0];
  }
  return bytes;
}
