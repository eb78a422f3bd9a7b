/** Types for the part of `node:crypto` that is used here, so that this library does not depend on Node's types. */

/** Encrypts one message. */
export interface Cipher {
  setAAD(additional: Uint8Array): unknown;
  setAutoPadding(padded: boolean): unknown;
  update(data: Uint8Array): Uint8Array;
  final(): Uint8Array;
  getAuthTag(): Uint8Array;
}

/** Decrypts one message. */
export interface Decipher {
  setAAD(additional: Uint8Array): unknown;
  setAuthTag(tag: Uint8Array): unknown;
  setAutoPadding(padded: boolean): unknown;
  update(data: Uint8Array): Uint8Array;
  final(): Uint8Array;
}

/** A key that `node:crypto` holds. */
export interface KeyObject {
  readonly type: string;
  export(encoding: { format: "der"; type: "spki" }): Uint8Array;
  export(encoding: { format: "jwk" }): { readonly x?: string };
}

/** A key to import. */
export type EncodedKey<Type extends string> =
  | { readonly key: Readonly<Record<string, string>>; readonly format: "jwk" }
  | { readonly key: Uint8Array; readonly format: "der"; readonly type: Type };

/** A key with the parameters of its use. */
export interface KeyUse {
  readonly key: KeyObject;
  readonly padding?: number;
  readonly dsaEncoding?: "ieee-p1363";
}

/** A message that is being hashed. */
export interface NodeHash {
  update(bytes: Uint8Array): Pick<NodeHash, "digest">;
  digest(): Uint8Array;
  copy(): NodeHash;
}

/** One side of ECDH. */
export interface Ecdh {
  setPrivateKey(secretKey: Uint8Array): void;
  getPublicKey(): Uint8Array;
  computeSecret(publicKey: Uint8Array): Uint8Array;
}

/** The part of the module `node:crypto` that is used here. */
export interface NodeCrypto {
  createCipheriv(
    algorithm: string,
    key: Uint8Array,
    iv: Uint8Array,
    options?: { authTagLength: number },
  ): Cipher;
  createDecipheriv(
    algorithm: string,
    key: Uint8Array,
    iv: Uint8Array,
    options?: { authTagLength: number },
  ): Decipher;
  createPrivateKey(key: EncodedKey<"pkcs8">): KeyObject;
  createPublicKey(key: EncodedKey<"spki"> | KeyObject): KeyObject;
  encapsulate(publicKey: KeyObject): { readonly ciphertext: Uint8Array; readonly sharedKey: Uint8Array };
  decapsulate(privateKey: KeyObject, ciphertext: Uint8Array): Uint8Array;
  privateDecrypt(key: KeyUse, block: Uint8Array): Uint8Array;
  publicEncrypt(key: KeyUse, block: Uint8Array): Uint8Array;
  diffieHellman(keys: { privateKey: KeyObject; publicKey: KeyObject }): Uint8Array;
  createECDH(curve: string): Ecdh;
  createHash(name: string): NodeHash;
  createHmac(name: string, key: Uint8Array): Pick<NodeHash, "update" | "digest">;
  sign(hash: string | null, data: Uint8Array, key: KeyUse): Uint8Array;
  verify(hash: string | null, data: Uint8Array, key: KeyUse, signature: Uint8Array): boolean;
  readonly constants: { readonly RSA_NO_PADDING: number };
}

/** Returns the same bytes as a plain Uint8Array: a Buffer's `slice` and `toString` behave differently. */
export function plainBytes(buffer: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer.buffer as ArrayBuffer, buffer.byteOffset, buffer.length);
}
