/** Triple DES, compared with node-forge, des.js, crypto-js, and OpenSSL's C in Node and in `openssl speed`. */
import { spawnSync } from "node:child_process";
import { createCipheriv, createDecipheriv } from "node:crypto";
import { createRequire } from "node:module";
import { compare, median } from "./_kit.ts";
import { TripleDes } from "../src/crypto/des/mod.ts";
import { randomBytes } from "../src/crypto/random.ts";

export const name = "3DES-CBC, blocks of 16 KiB, bytes in and bytes out";

const SIZE = 16_384;
const MEGABYTES = { name: "MB/s", perOperation: SIZE / 1e6 };

export async function run(): Promise<void> {
  const [key, iv, data] = [randomBytes(24), randomBytes(8), randomBytes(SIZE)];
  const own = new TripleDes(key);
  const output = new Uint8Array(SIZE);
  const speeds = await compare({
    "ours, encryption": () => void own.encryptCbc(iv, data, output),
    "node:crypto (OpenSSL)": () => void createCipheriv("des-ede3-cbc", key, iv).update(data),
    "node-forge": forge("createCipher", key, iv, data),
    "des.js": desJs("encrypt", key, iv, data),
    "crypto-js": cryptoJs(key, iv, data),
  }, { unit: MEGABYTES });
  openssl(median(speeds["ours, encryption"]));
  await compare({
    "ours, decryption": () => void own.decryptCbc(iv, data, output),
    "node:crypto (OpenSSL)": () => void createDecipheriv("des-ede3-cbc", key, iv).update(data),
    "node-forge": forge("createDecipher", key, iv, data),
    "des.js": desJs("decrypt", key, iv, data),
  }, { unit: MEGABYTES });
}

// The parts of the three libraries that are used; they have no types.
const require = createRequire(import.meta.url);

interface Forge {
  cipher: Record<"createCipher" | "createDecipher", (algorithm: string, key: string) => ForgeCipher>;
  util: {
    createBuffer(data: Uint8Array): unknown;
    binary: { raw: { decode(text: string): Uint8Array } };
  };
}

interface ForgeCipher {
  start(options: { iv: string }): void;
  update(data: unknown): void;
  output: { getBytes(): string };
}

function forge(make: keyof Forge["cipher"], key: Uint8Array, iv: Uint8Array, data: Uint8Array): () => void {
  const { cipher, util } = require("node-forge") as Forge;
  const [keyText, ivText] = [String.fromCharCode(...key), String.fromCharCode(...iv)];
  return () => {
    const work = cipher[make]("3DES-CBC", keyText);
    work.start({ iv: ivText });
    work.update(util.createBuffer(data));
    util.binary.raw.decode(work.output.getBytes());
  };
}

interface Des {
  CBC: {
    instantiate(cipher: unknown): {
      create(options: { type: "encrypt" | "decrypt"; key: Uint8Array; iv: Uint8Array }): {
        update(data: Uint8Array): number[];
      };
    };
  };
  EDE: unknown;
}

function desJs(type: "encrypt" | "decrypt", key: Uint8Array, iv: Uint8Array, data: Uint8Array): () => void {
  const des = require("des.js") as Des;
  const cbc = des.CBC.instantiate(des.EDE);
  return () => void Uint8Array.from(cbc.create({ type, key, iv }).update(data));
}

interface CryptoJs {
  TripleDES: { encrypt(data: unknown, key: unknown, options: { iv: unknown }): { ciphertext: WordArray } };
  lib: { WordArray: { create(data: Uint8Array): WordArray } };
}

interface WordArray {
  readonly words: number[];
}

function cryptoJs(key: Uint8Array, iv: Uint8Array, data: Uint8Array): () => void {
  const { TripleDES, lib } = require("crypto-js") as CryptoJs;
  const [keyWords, ivWords] = [lib.WordArray.create(key), lib.WordArray.create(iv)];
  return () => {
    const { ciphertext } = TripleDES.encrypt(lib.WordArray.create(data), keyWords, { iv: ivWords });
    Int32Array.from(ciphertext.words);
  };
}

/** Runs `openssl speed`, which prints thousands of bytes a second. */
function openssl(ours: number): void {
  const { stdout } = spawnSync(
    "openssl",
    ["speed", "-seconds", "2", "-bytes", String(SIZE), "-evp", "des-ede3-cbc"],
    { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
  );
  const figure = /([\d.]+)k\s*$/.exec(stdout ?? "");
  if (!figure) return console.log("  openssl is not installed");
  const theirs = Number(figure[1]) / 1000;
  console.log(
    `  openssl speed: ${theirs.toFixed(1)} MB/s; ours, encrypt: ${(ours / theirs).toFixed(2)} of it`,
  );
}
