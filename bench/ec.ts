/** Key agreement and signatures on elliptic curves, compared with @noble/curves; X25519 also with WebCrypto if the runtime has it. */
import { ed25519 as nobleEd25519, x25519 as nobleX25519 } from "@noble/curves/ed25519.js";
import { p256 as nobleP256, p384 as nobleP384, p521 as nobleP521 } from "@noble/curves/nist.js";
import { type Case, compare } from "./_kit.ts";
import { p256, p384, p521 } from "../src/crypto/ec/ecdh.ts";
import { signEcdsa, verifyEcdsa } from "../src/crypto/ec/ecdsa.ts";
import { generateEd25519Key, signEd25519, verifyEd25519 } from "../src/crypto/ec/ed25519.ts";
import type { KeyAgreement } from "../src/crypto/ec/key_agreement.ts";
import { generateEcKey } from "../src/crypto/ec/keys.ts";
import { x25519 } from "../src/crypto/ec/x25519.ts";

export const name = "Elliptic curves: X25519, ECDH, ECDSA, Ed25519";

const MESSAGE = new Uint8Array(100);

export async function run(): Promise<void> {
  await agreement("X25519", x25519, nobleX25519, await webCrypto(x25519.generateKeyPair().publicKey));
  await agreement("P-256", p256, nobleP256);
  await agreement("P-384", p384, nobleP384);
  await agreement("P-521", p521, nobleP521);
  for (
    const [curve, hash, noble] of [
      ["P-256", "SHA-256", nobleP256],
      ["P-384", "SHA-384", nobleP384],
      ["P-521", "SHA-512", nobleP521],
    ] as const
  ) {
    const key = generateEcKey(curve);
    const signature = signEcdsa(key, hash, MESSAGE);
    const theirs = noble.sign(MESSAGE, key.d);
    await compare({
      [`ours, ECDSA ${curve}, sign`]: () => void signEcdsa(key, hash, MESSAGE),
      "@noble/curves": () => void noble.sign(MESSAGE, key.d),
    });
    await compare({
      [`ours, ECDSA ${curve}, verify`]: () => void verifyEcdsa(key, hash, MESSAGE, signature),
      "@noble/curves": () => void noble.verify(theirs, MESSAGE, key.point),
    });
  }
  const key = generateEd25519Key();
  const signature = signEd25519(key, MESSAGE);
  await compare({
    "ours, Ed25519, sign": () => void signEd25519(key, MESSAGE),
    "@noble/curves": () => void nobleEd25519.sign(MESSAGE, key.d),
  });
  await compare({
    "ours, Ed25519, verify": () => void verifyEd25519(key.key, MESSAGE, signature),
    "@noble/curves": () => void nobleEd25519.verify(signature, MESSAGE, key.key),
  });
}

interface Noble {
  getSharedSecret(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array;
  keygen(): unknown;
}

async function agreement(
  curve: string,
  ours: KeyAgreement,
  noble: Noble,
  others: Record<string, Case> = {},
): Promise<void> {
  const { secretKey } = ours.generateKeyPair();
  const { publicKey } = ours.generateKeyPair();
  await compare({
    [`ours, ${curve}, shared secret`]: () => void ours.sharedSecret(secretKey, publicKey),
    "@noble/curves": () => void noble.getSharedSecret(secretKey, publicKey),
    ...others,
  });
  await compare({
    [`ours, ${curve}, key pair`]: () => void ours.generateKeyPair(),
    "@noble/curves": () => void noble.keygen(),
  });
}

/** Includes the import of the peer's key, which every handshake needs. */
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
