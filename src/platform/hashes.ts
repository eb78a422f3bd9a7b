/** The hash functions of TLS, with noble's interface, so that its HMAC and HKDF work with them. */

import { equalBytes } from "../bytes.ts";
import { createHasher, type Hash, type HashState, sha1, sha256, sha384 } from "../crypto/hash.ts";
import { hmac, type HmacHash } from "../crypto/hmac.ts";
import type { HashFunctions } from "../crypto/operations.ts";
import { chooser, type CryptoChoice } from "./choose.ts";
import { type NodeCrypto, type NodeHash, plainBytes } from "./node_crypto.ts";

const PURE: HashFunctions = { sha1, sha256, sha384 };

/** Returns the chosen implementations of the hash functions. */
export const hashes: (choice: CryptoChoice) => HashFunctions = chooser("SHA", {
  pure: PURE,
  node: (crypto) => ({
    sha1: nodeHash(crypto, "sha1", sha1),
    sha256: nodeHash(crypto, "sha256", sha256),
    sha384: nodeHash(crypto, "sha384", sha384),
  }),
  works: (native) => (["sha1", "sha256", "sha384"] as const).every((name) => agree(native[name], PURE[name])),
});

function nodeHash(crypto: NodeCrypto, name: string, { blockLen, outputLen }: Hash): HmacHash {
  const hash = createHasher(() => new State(crypto.createHash(name), blockLen, outputLen));
  return Object.assign((message: Uint8Array) => hash(message), hash, {
    hmac: (key: Uint8Array, message: Uint8Array) =>
      plainBytes(crypto.createHmac(name, key).update(message).digest()),
  });
}

/** A message that is being hashed. */
class State implements HashState<State> {
  readonly canXOF = false;
  readonly blockLen: number;
  readonly outputLen: number;
  readonly #hash: NodeHash;

  constructor(hash: NodeHash, blockLen: number, outputLen: number) {
    this.#hash = hash;
    this.blockLen = blockLen;
    this.outputLen = outputLen;
  }

  update(bytes: Uint8Array): this {
    this.#hash.update(bytes);
    return this;
  }

  digest(): Uint8Array<ArrayBuffer> {
    return plainBytes(this.#hash.digest());
  }

  digestInto(output: Uint8Array): void {
    output.set(this.digest());
  }

  clone(): State {
    return new State(this.#hash.copy(), this.blockLen, this.outputLen);
  }

  _cloneInto(): State {
    return this.clone();
  }

  destroy(): void {}
}

/**
 * Returns whether two hash functions give the same results for a message of several blocks, hashed at once and in two parts,
 * and for HMAC.
 */
function agree(native: Hash, pure: Hash): boolean {
  return [0, 3, 300].every((length) => {
    const message = new Uint8Array(length).fill(7);
    const [begun, expected] = [native.create().update(message), pure(message)];
    return equalBytes(begun.clone().digest(), expected) && equalBytes(native(message), expected) &&
      equalBytes(begun.update(message).digest(), pure.create().update(message).update(message).digest()) &&
      equalBytes(hmac(native, message, message), hmac(pure, message, message));
  });
}
