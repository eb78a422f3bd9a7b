/** The experiments: operations with secrets, on classes of inputs whose times an attacker would compare. */

import { sha1, sha256 } from "../../src/crypto/hash.ts";
import { secretMultipleOfGenerator } from "../../src/crypto/ec/secret_multiple.ts";
import { curveByName } from "../../src/crypto/ec/weierstrass.ts";
import { decryptPremasterSecret } from "../../src/crypto/rsa/mod.ts";
import type { CryptoChoice } from "../../src/platform/choose.ts";
import { tlsOperations } from "../../src/platform/tls_operations.ts";
import { MacThenEncryptProtection } from "../../src/tls/tls12/cbc.ts";
import { ContentType } from "../../src/tls/record/content.ts";
import { rsa2048 } from "../../tests/_kit/keys.ts";

/** An operation, and for each class a function that makes inputs. The other classes are compared with the first. */
export interface Experiment {
  readonly name: string;
  readonly run: (input: never) => unknown;
  readonly classes: Readonly<Record<string, () => unknown>>;
}

const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
const nonZero = (length: number): Uint8Array => random(length).map((byte) => byte || 1);

/** Every experiment, with the platform's cryptography or without it. */
export function experiments(choice: CryptoChoice): Experiment[] {
  const operations = tlsOperations(choice);
  return [
    rsaExperiment(operations.rsa),
    ...cbcExperiments(operations),
    ecdsaExperiment(),
    kemExperiment(operations),
  ];
}

/** Bleichenbacher's classes (Marvin): a server must not reveal the class of a ciphertext. */
function rsaExperiment(primitives: ReturnType<typeof tlsOperations>["rsa"]): Experiment {
  const block = (change: (block: Uint8Array) => void): () => Uint8Array => () => {
    const bytes = nonZero(256);
    bytes.set([0, 2]);
    bytes.set([0, 3, 3], 256 - 49);
    change(bytes);
    return primitives.publicOperation(rsa2048, bytes)!;
  };
  return {
    name: "RSA decryption, 2048 bits",
    run: (ciphertext: Uint8Array) => decryptPremasterSecret(rsa2048, ciphertext, 0x0303, random, primitives),
    classes: {
      "valid": block(() => {}),
      "wrong type": block((bytes) => bytes[1] = 1),
      "no zero byte": block((bytes) => bytes[256 - 49] = 1),
      "zero in the padding": block((bytes) => bytes[5] = 0),
      "wrong version": block((bytes) => bytes[256 - 48] = 2),
      "a small number": block((bytes) => bytes.fill(0, 0, 32)),
    },
  };
}

/** Lucky Thirteen's classes: records with different errors in padding and MAC. */
function cbcExperiments({ aesCbc }: ReturnType<typeof tlsOperations>): Experiment[] {
  return ([["SHA-1", sha1], ["SHA-256", sha256]] as const).map(([name, mac]) => {
    const keys = { key: random(32), macKey: random(mac.outputLen), fixedIv: new Uint8Array(0) };
    const cipher = aesCbc(keys.key);
    const protection = new MacThenEncryptProtection(keys, { blockLength: 16, mac, cipher: aesCbc, random });
    const sealed = (ending: readonly number[]): () => Uint8Array => () => {
      const padded = random(1024);
      padded.set(ending, padded.length - ending.length);
      const iv = random(16);
      const record = new Uint8Array(16 + padded.length);
      record.set(iv);
      record.set(cipher.encryptCbc(iv, padded), 16);
      return record;
    };
    return {
      name: `CBC, MAC-then-encrypt, ${name}`,
      run: (record: Uint8Array) => {
        try {
          protection.open(0, ContentType.applicationData, record);
        } catch {
          // every record is refused
        }
      },
      classes: {
        "no padding byte, wrong MAC": sealed([0]),
        "255 padding bytes, wrong MAC": sealed(Array(256).fill(255)),
        "padding that is not alike": sealed([1, 2, 3, 9]),
      },
    };
  });
}

/** Minerva's classes: nonces with leading zeros must not take less time. */
function ecdsaExperiment(): Experiment {
  const curve = curveByName("P-256");
  const scalar = (zeros: number): () => bigint => () =>
    BigInt(`0x${[...random(31 - zeros)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}01`);
  return {
    name: "ECDSA P-256, the nonce's multiple, pure",
    run: (nonce: bigint) => secretMultipleOfGenerator(curve, nonce),
    classes: { "248 bits": scalar(0), "232 bits": scalar(2), "128 bits": scalar(15) },
  };
}

/** Valid ciphertexts, and invalid ones that must be rejected implicitly. */
function kemExperiment({ mlKem768 }: ReturnType<typeof tlsOperations>): Experiment {
  const { publicKey, decapsulate } = mlKem768.generateKeyPair(random);
  const right = (): Uint8Array => mlKem768.encapsulate(publicKey, random).cipherText;
  return {
    name: "ML-KEM-768 decapsulation",
    run: decapsulate,
    classes: {
      "right": right,
      "one bit wrong": () => right().map((byte, i) => i === 500 ? byte ^ 1 : byte),
      "random": () => random(1088),
    },
  };
}
