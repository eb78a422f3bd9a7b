/** Converts keys to and from WebCrypto's CryptoKey. The intermediate format is JSON Web Key. */

import { ChannelError } from "../../errors.ts";
import { exportJwk, importJwk } from "./jwk.ts";
import type { PrivateKey } from "./private_key.ts";
import type { PublicKey } from "./public_key.ts";

/** The use of a CryptoKey, in WebCrypto's terms. */
export interface CryptoKeyUse {
  /** The algorithm, which must suit the key. */
  readonly name: "RSASSA-PKCS1-v1_5" | "RSA-PSS" | "RSA-OAEP" | "ECDSA" | "Ed25519";
  /** The hash function, for RSA keys only. ECDSA takes one with each signature, and Ed25519 has a fixed one. */
  readonly hash?: "SHA-1" | "SHA-256" | "SHA-384" | "SHA-512";
  /** Whether the CryptoKey can be exported again; false by default. */
  readonly extractable?: boolean;
}

/**
 * Returns a key as a WebCrypto key with every usage that the algorithm allows.
 *
 * @throws {TypeError} If the algorithm is not for this type of key, or `hash` is missing for RSA.
 * @throws {ChannelError} `"unsupported"` if the platform has no `crypto.subtle` (outside secure contexts), or refuses the
 *   key.
 *
 * @example
 * ```ts
 * import { exportCryptoKey, generateKey } from "@fesa/channel/x509";
 *
 * const key = await exportCryptoKey(await generateKey("p256"), { name: "ECDSA" });
 * const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, new Uint8Array(3));
 * ```
 */
export async function exportCryptoKey(
  key: PublicKey | PrivateKey,
  { name, hash, extractable = false }: CryptoKeyUse,
): Promise<CryptoKey> {
  const algorithm = importAlgorithm(key, name, hash);
  const [publicUse, privateUse] = name === "RSA-OAEP"
    ? ["encrypt", "decrypt"] as const
    : ["verify", "sign"] as const;
  const usages = ["d" in key ? privateUse : publicUse];
  return await attempt((subtle) => subtle.importKey("jwk", exportJwk(key), algorithm, extractable, usages));
}

function importAlgorithm(
  key: PublicKey,
  name: CryptoKeyUse["name"],
  hash: CryptoKeyUse["hash"],
): RsaHashedImportParams | EcKeyImportParams | Algorithm {
  if (name === "ECDSA" && key.type === "ec") return { name, namedCurve: key.curve };
  if (name === "Ed25519" && key.type === "ed25519") return { name };
  if (key.type === "rsa" && name.startsWith("RSA") || key.type === "rsa-pss" && name === "RSA-PSS") {
    if (hash === undefined) throw new TypeError("an RSA key needs a hash function");
    return { name, hash };
  }
  throw new TypeError(`${name} is not for keys of type "${key.type}"`);
}

/**
 * Returns the key in a WebCrypto key, which must be extractable.
 *
 * @throws {ChannelError} `"unsupported"` if the platform has no `crypto.subtle`, or the key is not an extractable RSA key
 *   of 1024 to 8192 bits, EC or Ed25519 key.
 *
 * @example
 * ```ts
 * import { importCryptoKey } from "@fesa/channel/x509";
 *
 * const algorithm = { name: "ECDSA", namedCurve: "P-256" };
 * const { privateKey } = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
 * const key = await importCryptoKey(privateKey);
 * if (!("d" in key)) throw new Error("not the private key");
 * ```
 */
export async function importCryptoKey(key: CryptoKey): Promise<PublicKey | PrivateKey> {
  return importJwk(await attempt((subtle) => subtle.exportKey("jwk", key)));
}

async function attempt<T>(work: (subtle: SubtleCrypto) => Promise<T>): Promise<T> {
  const subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle;
  if (subtle === undefined) throw new ChannelError("unsupported", "this platform has no crypto.subtle");
  try {
    return await work(subtle);
  } catch (cause) {
    throw new ChannelError("unsupported", "the platform refuses to convert this key", { cause });
  }
}
