/** Chooses an implementation for each operation: the reference in src/crypto, or the runtime's own. */

import { currentRuntime, nodeCrypto, type Runtime } from "./runtime.ts";
import type { NodeCrypto } from "./node_crypto.ts";

/** `"platform"` uses the runtime's cryptography if it is available, works and is faster; `"pure"` uses TypeScript alone. */
export type CryptoChoice = "platform" | "pure";

/** The operations that a runtime may implement. */
export type Operation =
  | "AES-GCM"
  | "ChaCha20-Poly1305"
  | "AES-CBC"
  | "RSA"
  | "ECDSA"
  | "Ed25519"
  | "X25519"
  | "P-256"
  | "P-384"
  | "P-521"
  | "ML-KEM-768"
  | "SHA";

/**
 * The runtimes on which each operation uses `node:crypto`. The measured times, in microseconds by `node:crypto` / pure, are the
 * best of several tries on a machine with other load (`npm run bench -- loopback` measures whole sessions):
 *
 * | operation                 | Node 20     | Node 26   | Deno 2.9      | Bun 1.4     |
 * | ------------------------- | ----------- | --------- | ------------- | ----------- |
 * | AES-GCM, 64 bytes         | 8.6 / 25    | 3.7 / 6.4 | 3.3 / 6.0     | 0.8 / 7.8   |
 * | AES-GCM, 16 KiB           | 14 / 698    | 7.6 / 215 | 74 / 187      | 2.7 / 834   |
 * | ChaCha20-Poly1305, 16 KiB | 20 / 354    | 12 / 88   | 16 / 103      | has none    |
 * | RSA-2048, private, quiet  | 247 / 3,850 |           | 1,920 / 1,610 | 564 / 1,390 |
 * | X25519, keys imported     | 92 / 275    | 75 / 136  | 60 / 122      | 40 / 147    |
 * | ML-KEM-768, key pair      | has none    | 98 / 389  | has none      | has none    |
 * | ML-KEM-768, encapsulation |             | 60 / 427  |               |             |
 * | ML-KEM-768, decapsulation |             | 41 / 534  |               |             |
 * | Ed25519, signing          | 163 / 1,630 |           | 127 / 663     |             |
 * | Ed25519, verifying        | 324 / 3,694 |           | 53 / 1,376    |             |
 * | SHA-384, 3,000 bytes      | 14 / 152    |           | 24 / 108      |             |
 * | SHA-1, 16 KiB             | 9 / 344     |           | 13 / 185      |             |
 *
 * The time for X25519 is for one shared secret. Half of it goes into importing the secret key; keys that this module made
 * need no import.
 *
 * On Deno, ECDSA on P-384 with SHA-1 gives different results from the reference, and neither ECDSA nor ECDH supports P-521.
 */
const NODE_SERVES: Readonly<Record<Operation, readonly Runtime[]>> = {
  "AES-GCM": ["node", "deno", "bun"],
  "ChaCha20-Poly1305": ["node", "deno"],
  "AES-CBC": ["node", "deno", "bun"],
  "RSA": ["node", "bun"],
  "ECDSA": ["node", "bun"],
  "Ed25519": ["node", "deno", "bun"],
  "X25519": ["node", "deno", "bun"],
  "P-256": ["node", "deno", "bun"],
  "P-384": ["node", "deno", "bun"],
  "P-521": ["node", "bun"],
  "ML-KEM-768": ["node"],
  "SHA": ["node", "deno", "bun"],
};

/** The shortest plaintext, in bytes, for which WebCrypto's AES-GCM is used. */
export const WEB_AES_GCM_MINIMUM: Readonly<Record<Runtime, number>> = {
  node: Infinity,
  deno: 8192,
  bun: Infinity,
  web: 2048,
};

/** The two implementations of an operation. */
export interface Implementations<T> {
  readonly pure: T;
  readonly node: (crypto: NodeCrypto) => T;
  /** Whether an implementation gives known answers; it may also throw. */
  readonly works: (implementation: T) => boolean;
}

/**
 * Returns a function that chooses an implementation: `node:crypto` if the caller's choice, the table and a probe allow it,
 * else the reference. The probe runs once, before the first use.
 */
export function chooser<T>(
  operation: Operation,
  implementations: Implementations<T>,
): (choice: CryptoChoice) => T {
  let platform: T | undefined;
  return (choice) => {
    if (choice === "pure") return implementations.pure;
    return platform ??= platformOf(operation, implementations);
  };
}

function platformOf<T>(operation: Operation, { pure, node, works }: Implementations<T>): T {
  const crypto = nodeCrypto();
  if (crypto === undefined || !NODE_SERVES[operation].includes(currentRuntime())) return pure;
  try {
    const native = node(crypto);
    return works(native) ? native : pure;
  } catch {
    return pure;
  }
}

/** @throws {TypeError} If `crypto` is neither `"platform"`, `"pure"` nor undefined. */
export function checkCryptoChoice(crypto: unknown): asserts crypto is CryptoChoice | undefined {
  if (crypto !== undefined && crypto !== "platform" && crypto !== "pure") {
    throw new TypeError('crypto must be "platform" or "pure"');
  }
}
