/** ML-KEM-768 in pure TypeScript, compared with @noble/post-quantum. */
import { ml_kem768 as noble } from "@noble/post-quantum/ml-kem.js";
import { compare } from "./_kit.ts";
import { decapsulate, encapsulate, keygen } from "../src/crypto/mlkem/mod.ts";

export const name = "ML-KEM-768";

export async function run(): Promise<void> {
  const { publicKey, secretKey } = keygen();
  const { cipherText } = encapsulate(publicKey);
  await compare({
    "ours, key pair": () => void keygen(),
    "@noble/post-quantum": () => void noble.keygen(),
  });
  await compare({
    "ours, encapsulation": () => void encapsulate(publicKey),
    "@noble/post-quantum": () => void noble.encapsulate(publicKey),
  });
  await compare({
    "ours, decapsulation": () => void decapsulate(cipherText, secretKey),
    "@noble/post-quantum": () => void noble.decapsulate(cipherText, secretKey),
  });
}
