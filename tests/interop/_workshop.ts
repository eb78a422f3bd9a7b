/** Folders with the programs of docs/peers.md, and with a CA and the keys and certificates of servers, made by OpenSSL. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { type Certificate, parseCertificates, parsePrivateKey, type PrivateKey } from "../../src/x509/mod.ts";
import { assert } from "../_kit/mod.ts";
import { OpenSsl } from "../_kit/openssl.ts";
import { KEY_TYPES, type KeyType, PROGRAMS, type Stack } from "./_stacks.ts";

const KEY_OPTIONS: Readonly<Record<KeyType, string>> = {
  rsa: "-algorithm RSA -pkeyopt rsa_keygen_bits:2048",
  p256: "-algorithm EC -pkeyopt ec_paramgen_curve:P-256",
  ed25519: "-algorithm ED25519",
};

/** The certificate that a server shows: the right one, one for another name, or one from an untrusted CA. */
export type Shown = "certificate" | "other_name" | "other_authority";

/** A folder for each type of key, in which programs run. The folders are removed when the process ends. */
export class Workshop {
  readonly #openssl: OpenSsl = new OpenSsl();
  readonly #prepared = new Set<string>();

  constructor() {
    process.once("exit", () => this.#openssl[Symbol.dispose]());
    for (const name of ["ca", "stranger"]) {
      this.#openssl.run(
        `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=${name}`,
        ...["-keyout", `${name}.key`, "-out", `${name}.pem`],
      );
    }
    for (const type of KEY_TYPES) {
      const folder = this.#folder(type);
      mkdirSync(folder);
      for (const [name, text] of PROGRAMS) writeFileSync(join(folder, name), text);
      copyFileSync(join(this.#openssl.path, "ca.pem"), join(folder, "ca.pem"));
      this.#openssl.run(`genpkey ${KEY_OPTIONS[type]} -out ${type}/key.pem`);
      this.#issue(type, "certificate", "ca", "localhost");
      this.#issue(type, "other_name", "ca", "elsewhere.example");
      this.#issue(type, "other_authority", "stranger", "localhost");
    }
  }

  #issue(type: KeyType, shown: Shown, issuer: string, name: string): void {
    this.#openssl.write("extensions", `subjectAltName=DNS:${name}\n`);
    this.#openssl.run(`req -new -key ${type}/key.pem -subj /CN=${name} -out request`);
    this.#openssl.run(
      `x509 -req -in request -CA ${issuer}.pem -CAkey ${issuer}.key -days 2 -extfile extensions`,
      ...["-out", `${type}/${shown}.pem`],
    );
  }

  /** Returns a folder in which the programs of a stack can run. */
  folderFor({ name, prepare = [] }: Stack, type: KeyType): string {
    const cwd = this.#folder(type);
    if (!this.#prepared.has(name + type)) {
      for (const [program, ...args] of prepare) {
        const { status, stderr } = spawnSync(program, args, { cwd, encoding: "utf8" });
        assert.equal(status, 0, stderr);
      }
    }
    this.#prepared.add(name + type);
    return cwd;
  }

  #folder(type: KeyType): string {
    return join(this.#openssl.path, type);
  }

  /** Returns the certificate of the CA, or of another CA. */
  authority(name: "ca" | "stranger" = "ca"): Certificate {
    return parseCertificates(this.#openssl.text(`${name}.pem`))[0];
  }

  /** Returns a key with one of its certificates, for a server of this library. */
  credentials(type: KeyType, shown: Shown): { key: PrivateKey; certificates: readonly Certificate[] } {
    return {
      key: parsePrivateKey(this.#openssl.text(`${type}/key.pem`)),
      certificates: parseCertificates(this.#openssl.text(`${type}/${shown}.pem`)),
    };
  }
}
