/** Triple DES beside node-forge, des.js, crypto-js and OpenSSL's own C: inside Node, and its own benchmark. */
import { spawnSync } from "node:child_process";
import { createCipheriv } from "node:crypto";
import { createRequire } from "node:module";
import { compare } from "./_kit.ts";
import { TripleDes } from "../src/crypto/des.ts";
import { randomBytes } from "../src/crypto/random.ts";

export const name = "3DES-CBC, blocks of 16 KiB";

const SIZE = 16_384;

export async function run(): Promise<void> {
  const [key, iv, data] = [randomBytes(24), randomBytes(8), randomBytes(SIZE)];
  const unit = { name: "MB/s", perOperation: SIZE / 1e6 };
  const own = new TripleDes(key);
  const output = new Uint8Array(SIZE);
  const peers = {
    ...node(key, iv, data),
    ...forge(key, iv, data),
    ...desJs(key, iv, data),
    ...cryptoJs(key, iv, data),
  };
  const speeds = await compare({ "ours, encrypt": () => void own.encryptCbc(iv, data, output), ...peers }, {
    unit,
  });
  await compare({ "ours, decrypt": () => void own.decryptCbc(iv, data, output) }, { unit });
  openssl(speeds["ours, encrypt"] * unit.perOperation);
}

type Peers = Record<string, () => void>;

function node(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Peers {
  return { "node:crypto": () => void createCipheriv("des-ede3-cbc", key, iv).update(data) };
}

// None of the three brings types; what is used of them is written down here.
const require = createRequire(import.meta.url);

interface Forge {
  cipher: {
    createCipher(algorithm: string, key: string): {
      start(options: { iv: string }): void;
      update(data: unknown): void;
      finish(): boolean;
    };
  };
  util: { createBuffer(data: Uint8Array): unknown };
}

function forge(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Peers {
  const { cipher, util } = require("node-forge") as Forge;
  const [keyText, ivText] = [String.fromCharCode(...key), String.fromCharCode(...iv)];
  return {
    "node-forge": () => {
      const encryption = cipher.createCipher("3DES-CBC", keyText);
      encryption.start({ iv: ivText });
      encryption.update(util.createBuffer(data));
      encryption.finish();
    },
  };
}

interface Des {
  CBC: {
    instantiate(cipher: unknown): {
      create(options: { type: "encrypt"; key: Uint8Array; iv: Uint8Array }): {
        update(data: Uint8Array): number[];
        final(): number[];
      };
    };
  };
  EDE: unknown;
}

function desJs(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Peers {
  const des = require("des.js") as Des;
  const cbc = des.CBC.instantiate(des.EDE);
  return {
    "des.js": () => {
      const encryption = cbc.create({ type: "encrypt", key, iv });
      encryption.update(data);
      encryption.final();
    },
  };
}

interface CryptoJs {
  TripleDES: { encrypt(data: unknown, key: unknown, options: { iv: unknown }): unknown };
  lib: { WordArray: { create(data: Uint8Array): unknown } };
}

function cryptoJs(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Peers {
  const { TripleDES, lib } = require("crypto-js") as CryptoJs;
  const [keyWords, ivWords] = [lib.WordArray.create(key), lib.WordArray.create(iv)];
  return {
    "crypto-js": () => void TripleDES.encrypt(lib.WordArray.create(data), keyWords, { iv: ivWords }),
  };
}

/** `openssl speed` prints thousands of bytes a second. */
function openssl(ours: number): void {
  const { stdout } = spawnSync(
    "openssl",
    ["speed", "-elapsed", "-seconds", "2", "-bytes", String(SIZE), "-evp", "des-ede3-cbc"],
    { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
  );
  const figure = /([\d.]+)k\s*$/.exec(stdout ?? "");
  if (!figure) return console.log("  openssl is not here");
  const theirs = Number(figure[1]) / 1000;
  console.log(
    `  openssl speed: ${theirs.toFixed(1)} MB/s; ours, encrypt: ${(ours / theirs).toFixed(2)} of it`,
  );
}
