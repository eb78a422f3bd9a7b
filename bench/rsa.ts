/** RSA, compared with the pure-JavaScript node-forge and micro-rsa-dsa-dh, and with OpenSSL's C in Node. */
import { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { createRequire } from "node:module";
import { keygen as microKeygen, PKCS1_SHA256 } from "micro-rsa-dsa-dh/rsa.js";
import { compare } from "./_kit.ts";
import { randomBytes } from "../src/crypto/random.ts";
import { generateKeyPair, type RsaPrivateKey, signPkcs1, verifyPkcs1 } from "../src/crypto/rsa/mod.ts";

export const name = "RSA, PKCS#1 v1.5 signatures with SHA-256";

export async function run(): Promise<void> {
  const { privateKey: key } = await generateKeyPair({ bits: 2048 });
  const message = randomBytes(32);
  const signature = signPkcs1(key, "SHA-256", message);
  const [m, f, n] = [micro, forge, node].map((peer) => peer(key, message, signature));

  console.log("  private operation, 2048 bits");
  await compare({
    "ours": () => void signPkcs1(key, "SHA-256", message),
    "micro-rsa-dsa-dh": m.sign,
    "node-forge": f.sign,
    "node:crypto": n.sign,
  });
  console.log("  public operation, 2048 bits");
  await compare({
    "ours": () => void verifyPkcs1(key, "SHA-256", message, signature),
    "micro-rsa-dsa-dh": m.verify,
    "node-forge": f.verify,
    "node:crypto": n.verify,
  });
  console.log("  key generation, 2048 bits (times vary by chance)");
  await compare({
    "ours": async () => void await generateKeyPair({ bits: 2048 }),
    "micro-rsa-dsa-dh": microKeyPair,
  }, { rounds: 5, minimumMilliseconds: 2000 });
}

interface Peer {
  sign(): void;
  verify(): void;
}

function micro(key: RsaPrivateKey, message: Uint8Array, signature: Uint8Array): Peer {
  return {
    sign: () => void PKCS1_SHA256.sign(key, message),
    verify: () => void PKCS1_SHA256.verify(key, message, signature),
  };
}

/** Retries, since micro-rsa-dsa-dh sometimes gives up. */
function microKeyPair(): void {
  for (;;) {
    try {
      return void microKeygen(2048);
    } catch {
      continue;
    }
  }
}

interface ForgeHash {
  update(text: string): ForgeHash;
  digest(): { bytes(): string };
}

/** The part of node-forge that is used; it has no types. */
interface Forge {
  readonly jsbn: { BigInteger: new (digits: string, radix: number) => unknown };
  readonly md: { sha256: { create(): ForgeHash } };
  readonly pki: {
    rsa: {
      setPrivateKey(...numbers: unknown[]): { sign(hash: ForgeHash): string };
      setPublicKey(...numbers: unknown[]): { verify(digest: string, signature: string): boolean };
    };
  };
}

function forge(key: RsaPrivateKey, message: Uint8Array, signature: Uint8Array): Peer {
  const { jsbn, md, pki } = createRequire(import.meta.url)("node-forge") as Forge;
  const number = (value: bigint): unknown => new jsbn.BigInteger(value.toString(16), 16);
  const { n, e, d, p, q, dp, dq, qi } = key;
  const privateKey = pki.rsa.setPrivateKey(...[n, e, d, p, q, dp, dq, qi].map(number));
  const publicKey = pki.rsa.setPublicKey(...[n, e].map(number));
  const [text, signatureText] = [message, signature].map((bytes) => String.fromCharCode(...bytes));
  const hash = (): ForgeHash => md.sha256.create().update(text);
  return {
    sign: () => void privateKey.sign(hash()),
    verify: () => void publicKey.verify(hash().digest().bytes(), signatureText),
  };
}

function node(key: RsaPrivateKey, message: Uint8Array, signature: Uint8Array): Peer {
  const jwk: Record<string, string> = { kty: "RSA" };
  for (const part of ["n", "e", "d", "p", "q", "dp", "dq", "qi"] as const) jwk[part] = base64Url(key[part]);
  const privateKey = createPrivateKey({ key: jwk, format: "jwk" });
  const publicKey = createPublicKey(privateKey);
  return {
    sign: () => void sign("sha256", message, privateKey),
    verify: () => void verify("sha256", message, publicKey, signature),
  };
}

function base64Url(value: bigint): string {
  const hex = value.toString(16);
  return Buffer.from(hex.padStart(hex.length + hex.length % 2, "0"), "hex").toString("base64url");
}
