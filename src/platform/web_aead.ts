/** AES-GCM by WebCrypto for large inputs, and by another implementation for small ones. */

import { equalBytes } from "../bytes.ts";
import { type Aead, checkNonce, type DeferredAead, TAG_LENGTH } from "../crypto/aead.ts";
import { AesGcm } from "../crypto/aes.ts";
import { ChannelError } from "../errors.ts";

/** Whether WebCrypto gave the known answer. Until the probe is done, the other implementation is used. */
let works = false;
let probing: Promise<void> | undefined;

/** AES-GCM under one key. A call of WebCrypto has a fixed cost, so it is worthwhile only for large inputs. */
export class WebAesGcm implements DeferredAead {
  readonly #web: WebCryptoKey;
  readonly #other: Aead;
  readonly #minimum: number;

  /** `other` is used for plaintexts shorter than `minimum` bytes. */
  constructor(subtle: SubtleCrypto, key: Uint8Array, other: Aead, minimum: number) {
    this.#web = new WebCryptoKey(subtle, key);
    this.#other = other;
    this.#minimum = minimum;
    probing ??= probe(subtle);
  }

  encrypt(
    nonce: Uint8Array,
    additional: Uint8Array,
    plaintext: Uint8Array,
    output?: Uint8Array,
  ): Uint8Array | Promise<Uint8Array> {
    const serves = works && plaintext.length >= this.#minimum ? this.#web : this.#other;
    return serves.encrypt(nonce, additional, plaintext, output);
  }

  decrypt(
    nonce: Uint8Array,
    additional: Uint8Array,
    ciphertext: Uint8Array,
  ): Uint8Array | Promise<Uint8Array> {
    const serves = works && ciphertext.length - TAG_LENGTH >= this.#minimum ? this.#web : this.#other;
    return serves.decrypt(nonce, additional, ciphertext);
  }
}

/** AES-GCM by WebCrypto alone, under one key. */
class WebCryptoKey {
  readonly #subtle: SubtleCrypto;
  readonly #key: Promise<CryptoKey>;

  constructor(subtle: SubtleCrypto, key: Uint8Array) {
    this.#subtle = subtle;
    this.#key = subtle.importKey("raw", new Uint8Array(key), "AES-GCM", false, ["encrypt", "decrypt"]);
    this.#key.catch(() => {}); // a failure is reported at the first use
  }

  async encrypt(
    nonce: Uint8Array,
    additional: Uint8Array,
    plaintext: Uint8Array,
    output?: Uint8Array,
  ): Promise<Uint8Array> {
    checkNonce(nonce);
    const key = await this.#key;
    const sealed = new Uint8Array(
      await this.#subtle.encrypt(parameters(nonce, additional), key, source(plaintext)),
    );
    if (output === undefined) return sealed;
    output.set(sealed);
    return output;
  }

  async decrypt(nonce: Uint8Array, additional: Uint8Array, ciphertext: Uint8Array): Promise<Uint8Array> {
    checkNonce(nonce);
    const key = await this.#key;
    try {
      return new Uint8Array(
        await this.#subtle.decrypt(parameters(nonce, additional), key, source(ciphertext)),
      );
    } catch {
      throw new ChannelError("decrypt", "the tag of an AES-GCM ciphertext is wrong");
    }
  }
}

/** Checks that WebCrypto gives the same results as the reference implementation, and refuses a wrong tag. */
async function probe(subtle: SubtleCrypto): Promise<void> {
  const key = Uint8Array.from({ length: 32 }, (_, i) => i);
  const [nonce, text] = [key.subarray(0, 12), key.subarray(7)];
  const expected = new AesGcm(key).encrypt(nonce, key, text);
  const web = new WebCryptoKey(subtle, key);
  try {
    const sealed = await web.encrypt(nonce, key, text);
    const opened = await web.decrypt(nonce, key, expected);
    const refused = await web.decrypt(nonce, text, expected).then(() => false, () => true);
    works = refused && equalBytes(sealed, expected) && equalBytes(opened, text);
  } catch {
    // works stays false
  }
}

function parameters(iv: Uint8Array, additionalData: Uint8Array): AesGcmParams {
  return {
    name: "AES-GCM",
    iv: source(iv),
    additionalData: source(additionalData),
    tagLength: 8 * TAG_LENGTH,
  };
}

/** Narrows the type: WebCrypto's types exclude shared memory, which no array here uses. */
function source(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}
