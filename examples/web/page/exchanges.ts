/** The choices of key exchange and cipher. */
import type { KeyClient } from "@fesa/channel";

/** A key exchange and a cipher. */
export interface Exchange {
  readonly id: string;
  readonly label: string;
  /** The path of the WebSocket at which the server has the key for it. */
  readonly path: string;
  /** The options of a client of `certificate` or `key`. */
  readonly options: Pick<KeyClient, "keyExchange" | "algorithm" | "minimumKeyBits">;
}

const PATH = "channel";

const ECDHE: readonly Exchange[] = [
  { id: "ecdhe-aes", label: "ECDHE, AES-256", path: PATH, options: { algorithm: "AES" } },
  { id: "ecdhe-chacha20", label: "ECDHE, ChaCha20", path: PATH, options: { algorithm: "ChaCha20" } },
];

/** FESA's own exchange, without forward secrecy. */
const RSA_2048: readonly Exchange[] = (["AES", "3DES"] as const).map((algorithm) => ({
  id: `rsa-2048-${algorithm.toLowerCase()}`,
  label: `FESA's RSA-2048, ${cipherName(algorithm)}`,
  path: PATH,
  options: { keyExchange: "RSA", algorithm },
}));

const RSA_1024: readonly Exchange[] = (["AES", "3DES"] as const).map((algorithm) => ({
  id: `rsa-1024-${algorithm.toLowerCase()}`,
  label: `FESA's RSA-1024, ${cipherName(algorithm)}`,
  path: "channel-1024",
  options: { keyExchange: "RSA", algorithm, minimumKeyBits: 1024 },
}));

/** For certificates, whose keys have at least 2048 bits here. */
export const CERTIFICATE_EXCHANGES: readonly Exchange[] = [...ECDHE, ...RSA_2048];

/** For raw public keys. */
export const KEY_EXCHANGES: readonly Exchange[] = [...ECDHE, ...RSA_2048, ...RSA_1024];

/** The only one of `native`. */
export const NOISE_EXCHANGE: Exchange = {
  id: "noise",
  label: "X25519, ChaCha20",
  path: PATH,
  options: {},
};

/** None at all. */
export const NO_EXCHANGE: Exchange = { id: "none", label: "None", path: PATH, options: {} };

/** Whether this is RSA key exchange, which is TLS 1.2; every other one is TLS 1.3 here. */
export function isRsa({ options }: Exchange): boolean {
  return options.keyExchange === "RSA";
}

function cipherName(algorithm: "AES" | "3DES"): string {
  return algorithm === "AES" ? "AES-256" : "3DES-192";
}
