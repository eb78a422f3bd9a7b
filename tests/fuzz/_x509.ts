/** Targets: every parser of ./x509, and the verification of the parsed certificates. */

import { decodePem, der, encodePem, readDer } from "../../src/asn1/mod.ts";
import { toUtf8 } from "../../src/bytes.ts";
import {
  type Certificate,
  createCertificateRequest,
  createPkcs12,
  createRevocationList,
  describeCertificate,
  exportJwk,
  exportPrivateKeyDer,
  exportPublicKey,
  generateKey,
  importJwk,
  parseCertificate,
  parseCertificateRequest,
  parseCertificates,
  parseOcspResponse,
  parsePkcs12,
  parsePrivateKey,
  parsePublicKey,
  parseRevocationList,
  verifyCertificate,
} from "../../src/x509/mod.ts";
import { rsa1024, rsa2048 } from "../_kit/keys.ts";
import { type FuzzTarget, jsonOf } from "./_target.ts";
import {
  makeCa,
  makeRoot,
  makeServer,
  mappings,
  nameConstraints,
  options,
  policies,
  policyConstraints,
} from "../x509/_make.ts";
import { ber } from "../x509/_ber.ts";
import { makeResponse } from "../x509/_ocsp.ts";

const ROOT = makeRoot("CN=Root", rsa2048, [
  nameConstraints([{ type: "dns", value: "example" }, {
    type: "directoryName",
    value: makeRoot("CN=x", rsa1024).subject,
  }]),
]);
const CA = makeCa({
  subject: "CN=CA",
  issuer: "CN=Root",
  signer: rsa2048,
  extensions: [policies("1.2.3", "1.2.4"), mappings(["1.2.3", "1.2.5"]), policyConstraints(1, 2)],
});
const SERVER = makeServer({ issuer: "CN=CA", extensions: [policies("1.2.5", "2.5.29.32.0")] });
const LIST = createRevocationList({ certificate: ROOT, key: rsa2048 }, {
  revoked: [{ serialNumber: Uint8Array.of(9), date: new Date("2025-05-01T00:00:00Z"), reason: "superseded" }],
  number: 1,
  now: new Date("2025-05-20T00:00:00Z"),
});
const REQUEST = createCertificateRequest(rsa1024, {
  subject: "CN=x,O=y",
  names: ["host.example"],
  allowWeak: true,
});

function verify(chain: readonly Certificate[]): void {
  for (const certificate of chain) describeCertificate(certificate);
  const crls = [parseRevocationList(LIST)];
  verifyCertificate(
    chain,
    options([ROOT], { serverName: "host.example", crls, requireExplicitPolicy: true }),
  );
}

const EC = await generateKey("p256", { random: (length) => new Uint8Array(length).fill(7) });
const ED25519 = await generateKey("ed25519", { random: (length) => new Uint8Array(length).fill(7) });
const OLD_PEM = encodePem("RSA PRIVATE KEY", new Uint8Array(64)).replace(
  "-----\n",
  `-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,${"00".repeat(16)}\n\n`,
);

/** A PKCS#12 file without encryption or MAC, so that mutants reach what is inside. */
function clearPkcs12(encode = (bytes: Uint8Array) => bytes): Uint8Array {
  const data = (bytes: Uint8Array) =>
    der.sequence(der.oid("1.2.840.113549.1.7.1"), der.explicit(0, der.octetString(encode(bytes))));
  const certificate = der.sequence(
    der.oid("1.2.840.113549.1.9.22.1"),
    der.explicit(0, der.octetString(CA.der)),
  );
  const name = der.sequence(
    der.oid("1.2.840.113549.1.9.20"),
    der.setOf(der.element(0x1e, Uint8Array.of(0, 65))),
  );
  const bags = der.sequence(
    der.sequence(der.oid("1.2.840.113549.1.12.10.1.3"), der.explicit(0, certificate), der.setOf(name)),
    der.sequence(
      der.oid("1.2.840.113549.1.12.10.1.1"),
      der.explicit(0, exportPrivateKeyDer(EC)),
      der.setOf(name),
    ),
  );
  return der.sequence(der.integer(3), data(der.sequence(data(bags))));
}

function pkcs7(): Uint8Array {
  const content = der.sequence(der.oid("1.2.840.113549.1.7.1"));
  const signed = der.sequence(der.integer(1), der.setOf(), content, der.element(0xa0, CA.der), der.setOf());
  return der.sequence(der.oid("1.2.840.113549.1.7.2"), der.explicit(0, signed));
}

function derOf(pem: string): Uint8Array {
  return decodePem(pem)[0].bytes;
}

/** A target that reads DER. Mutations keep the DER well formed. */
function derTarget(name: string, run: FuzzTarget["run"], ...seeds: readonly Uint8Array[]): FuzzTarget {
  return { name, run, seeds, structure: "der" };
}

export const X509_TARGETS: readonly FuzzTarget[] = [
  derTarget("der", walk, SERVER.der, REQUEST.der, clearPkcs12()),
  derTarget("end entity", (bytes) => verify([parseCertificate(bytes), CA]), SERVER.der),
  derTarget("ca", (bytes) => verify([SERVER, parseCertificate(bytes)]), CA.der, ROOT.der),
  derTarget("request", (bytes) => parseCertificateRequest(bytes), REQUEST.der),
  derTarget("crl", parseRevocationList, derOf(LIST)),
  derTarget("ocsp", parseOcspResponse, makeResponse()),
  derTarget(
    "public key",
    parsePublicKey,
    exportPublicKey({ type: "rsa", n: rsa1024.n, e: rsa1024.e }),
    exportPublicKey(EC),
    exportPublicKey(ED25519),
  ),
  derTarget(
    "private key",
    (bytes) => parsePrivateKey(bytes),
    exportPrivateKeyDer(rsa1024),
    exportPrivateKeyDer(EC, { format: "sec1" }),
    exportPrivateKeyDer(EC),
    exportPrivateKeyDer(ED25519),
    exportPrivateKeyDer(rsa1024, { passphrase: "x", iterations: 1 }), // asks for the passphrase
  ),
  derTarget(
    "pkcs12",
    (bytes) => parsePkcs12(bytes, "x"),
    createPkcs12({ keys: [{ key: EC, certificates: [CA] }] }, "x", { iterations: 1 }),
  ),
  derTarget("pkcs12 in the clear", (bytes) => parsePkcs12(bytes), clearPkcs12()),
  derTarget("pkcs7", parseCertificates, pkcs7()),
  {
    name: "pkcs12 in ber",
    run: (bytes) => parsePkcs12(bytes),
    seeds: [ber(clearPkcs12()), ber(clearPkcs12(ber))],
  },
  { name: "pkcs7 in ber", run: parseCertificates, seeds: [ber(pkcs7())] },
  {
    name: "pem",
    run: (bytes) => parseCertificate(new TextDecoder().decode(bytes)),
    seeds: [toUtf8(CA.pem)],
  },
  { name: "pem with dek-info", run: (bytes) => parsePrivateKey(bytes, "x"), seeds: [toUtf8(OLD_PEM)] },
  {
    name: "jwk",
    run: (bytes) => {
      const value = jsonOf(bytes);
      if (value !== undefined) importJwk(value);
    },
    seeds: [rsa1024, EC, ED25519].map((key) => toUtf8(JSON.stringify(exportJwk(key)))),
  },
];

/** Reads every element, and the elements inside constructed ones. */
function walk(bytes: Uint8Array): void {
  readDer(bytes, "the value", (reader) => {
    const down = (inner: typeof reader): void => {
      while (!inner.done) {
        const { tag, contents } = inner.any();
        if (tag & 0x20) down(inner.nested(contents));
      }
    };
    down(reader);
  });
}
