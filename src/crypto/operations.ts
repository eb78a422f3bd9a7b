/** The cryptographic operations of a session, passed to it so that it does not depend on one implementation. */

import type { AeadAlgorithm, DeferredAeadAlgorithm } from "./aead.ts";
import type { CbcCipher } from "./aes.ts";
import { type EcdsaPrimitives, PURE_ECDSA } from "./ec/ecdsa.ts";
import { type Ed25519Primitives, PURE_ED25519 } from "./ec/ed25519.ts";
import type { KeyAgreement } from "./ec/key_agreement.ts";
import type { KeyEncapsulation } from "./mlkem/encapsulation.ts";
import type { Hash } from "./hash.ts";
import { PURE_RSA, type RsaPrimitives } from "./rsa/raw.ts";

/** The primitives that compute signatures. */
export interface SignaturePrimitives {
  readonly rsa: RsaPrimitives;
  readonly ecdsa: EcdsaPrimitives;
  readonly ed25519: Ed25519Primitives;
}

/** The reference implementation. */
export const PURE_SIGNATURES: SignaturePrimitives = {
  rsa: PURE_RSA,
  ecdsa: PURE_ECDSA,
  ed25519: PURE_ED25519,
};

/** The hash functions of TLS. */
export interface HashFunctions {
  readonly sha1: Hash;
  readonly sha256: Hash;
  readonly sha384: Hash;
}

/** The operations of a TLS session. */
export interface TlsOperations extends SignaturePrimitives, HashFunctions {
  readonly aesGcm: DeferredAeadAlgorithm;
  readonly chaChaPoly: DeferredAeadAlgorithm;
  readonly aesCbc: (key: Uint8Array) => CbcCipher;
  readonly x25519: KeyAgreement;
  readonly p256: KeyAgreement;
  readonly p384: KeyAgreement;
  readonly p521: KeyAgreement;
  readonly mlKem768: KeyEncapsulation;
}

/** The operations of a `native` session with the negotiated cipher. */
export interface NoiseOperations {
  /** The cipher during the handshake; synchronous. */
  readonly aead: AeadAlgorithm;
  /** The same cipher for the records after the handshake. */
  readonly recordAead: DeferredAeadAlgorithm;
  readonly x25519: KeyAgreement;
}
