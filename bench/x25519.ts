/** X25519 beside @noble/curves, and beside WebCrypto where the runtime has it. */
import { x25519 as noble } from "@noble/curves/ed25519.js";
import { type Case, compare } from "./_kit.ts";
import { x25519 } from "../src/crypto/x25519.ts";

export const name = "X25519";

export async function run(): Promise<void> {
  const { secretKey } = x25519.generateKeyPair();
  const { publicKey } = x25519.generateKeyPair();
  await compare({
    "ours, shared secret": () => void x25519.sharedSecret(secretKey, publicKey),
    "@noble/curves": () => void noble.getSharedSecret(secretKey, publicKey),
    ...await webCrypto(publicKey),
  });
  await compare({
    "ours, key pair": () => void x25519.generateKeyPair(),
    "@noble/curves": () => void noble.keygen(),
  });
}

/** With the import of the peer's key, which every handshake needs. */
async function webCrypto(publicKey: Uint8Array): Promise<Record<string, Case>> {
  const algorithm = { name: "X25519" };
  try {
    const pair = await crypto.subtle.generateKey(algorithm, false, ["deriveBits"]) as CryptoKeyPair;
    return {
      "WebCrypto": async () => {
        const peer = await crypto.subtle.importKey("raw", publicKey.slice(), algorithm, false, []);
        await crypto.subtle.deriveBits({ ...algorithm, public: peer }, pair.privateKey, 256);
      },
    };
  } catch {
    return {};
  }
}
