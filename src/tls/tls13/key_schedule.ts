/** The key schedule (RFC 8446 section 7). */

import { ByteWriter } from "../../byte_fields.ts";
import { concat, EMPTY, toUtf8 } from "../../bytes.ts";
import type { Hash } from "../../crypto/hash.ts";
import { hmac } from "../../crypto/hmac.ts";
import { hkdfExpand, hkdfExtract } from "../../crypto/hkdf.ts";

/** Computes HKDF-Expand-Label (section 7.1). */
function hkdfExpandLabel(
  hash: Hash,
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  const info = new ByteWriter().u16(length)
    .vector(1, toUtf8(`tls13 ${label}`))
    .vector(1, context)
    .finish();
  return hkdfExpand(hash, secret, info, length);
}

/** Computes Derive-Secret (section 7.1) from the hash of the messages. */
function deriveSecret(hash: Hash, secret: Uint8Array, label: string, transcriptHash: Uint8Array): Uint8Array {
  return hkdfExpandLabel(hash, secret, label, transcriptHash, hash.outputLen);
}

/** Extracts the next secret with HKDF-Extract. The salt is derived from the previous secret. */
function nextSecret(hash: Hash, secret: Uint8Array, input: Uint8Array): Uint8Array {
  return hkdfExtract(hash, deriveSecret(hash, secret, "derived", hash(EMPTY)), input);
}

/** The traffic secret of each direction, named after the sender. */
export interface TrafficSecrets {
  readonly client: Uint8Array;
  readonly server: Uint8Array;
}

/** The secrets that are derived from the key exchange and the hello messages. */
export interface HandshakeSecrets extends TrafficSecrets {
  /** The Master Secret of section 7.1, from which the application's secrets are derived. */
  readonly master: Uint8Array;
}

/** Derives the handshake traffic secrets from the shared secret and the transcript up to ServerHello. There is no PSK. */
export function handshakeSecrets(
  hash: Hash,
  sharedSecret: Uint8Array,
  transcriptHash: Uint8Array,
): HandshakeSecrets {
  const zeros = new Uint8Array(hash.outputLen);
  const early = hkdfExtract(hash, zeros, zeros);
  const handshake = nextSecret(hash, early, sharedSecret);
  return {
    client: deriveSecret(hash, handshake, "c hs traffic", transcriptHash),
    server: deriveSecret(hash, handshake, "s hs traffic", transcriptHash),
    master: nextSecret(hash, handshake, zeros),
  };
}

/** The secrets that are derived from the whole handshake. */
export interface ApplicationSecrets extends TrafficSecrets {
  readonly exporter: Uint8Array;
}

/**
 * Derives the application traffic secrets and the exporter master secret from the transcript up to the server's Finished.
 */
export function applicationSecrets(
  hash: Hash,
  master: Uint8Array,
  transcriptHash: Uint8Array,
): ApplicationSecrets {
  return {
    client: deriveSecret(hash, master, "c ap traffic", transcriptHash),
    server: deriveSecret(hash, master, "s ap traffic", transcriptHash),
    exporter: deriveSecret(hash, master, "exp master", transcriptHash),
  };
}

/** Returns the traffic secret after a KeyUpdate (section 7.2). */
export function updatedSecret(hash: Hash, secret: Uint8Array): Uint8Array {
  return hkdfExpandLabel(hash, secret, "traffic upd", EMPTY, hash.outputLen);
}

/** The keys of one direction (section 7.3). */
export interface TrafficKeys {
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
}

/** The length of the nonce of every AEAD algorithm in these suites. */
const IV_LENGTH = 12;

/** Derives the write key and the initialization vector from a traffic secret (section 7.3). */
export function trafficKeys(hash: Hash, secret: Uint8Array, keyLength: number): TrafficKeys {
  return {
    key: hkdfExpandLabel(hash, secret, "key", EMPTY, keyLength),
    iv: hkdfExpandLabel(hash, secret, "iv", EMPTY, IV_LENGTH),
  };
}

/** Returns the verify_data of the Finished that is sent under this handshake traffic secret (section 4.4.4). */
export function verifyData(hash: Hash, secret: Uint8Array, transcriptHash: Uint8Array): Uint8Array {
  const finishedKey = hkdfExpandLabel(hash, secret, "finished", EMPTY, hash.outputLen);
  return hmac(hash, finishedKey, transcriptHash);
}

const SIGNATURE_PREFIX: Uint8Array = new Uint8Array(64).fill(0x20);

/** Returns the content that a side with this role signs in CertificateVerify (section 4.4.3). */
export function signedContent(role: "client" | "server", transcriptHash: Uint8Array): Uint8Array {
  const context = toUtf8(`TLS 1.3, ${role} CertificateVerify\0`);
  return concat(SIGNATURE_PREFIX, context, transcriptHash);
}

/** Returns exported keying material (section 7.5). No context is the same as an empty one. */
export function exportedKeyingMaterial(
  hash: Hash,
  exporterSecret: Uint8Array,
  label: string,
  context: Uint8Array | undefined,
  length: number,
): Uint8Array {
  const secret = deriveSecret(hash, exporterSecret, label, hash(EMPTY));
  return hkdfExpandLabel(hash, secret, "exporter", hash(context ?? EMPTY), length);
}
