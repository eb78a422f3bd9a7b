/** What hostile bytes are fed to: every reader of ./x509, and verification behind it. */

import { decodePem, der, encodePem } from "../../src/asn1/mod.ts";
import {
  type Certificate,
  ChannelError,
  createCertificateRequest,
  createPkcs12,
  createRevocationList,
  describeCertificate,
  exportPrivateKeyDer,
  exportPublicKey,
  generateKey,
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
import { mutate, seededRandom } from "../_kit/mutate.ts";
import {
  makeCa,
  makeRoot,
  makeServer,
  mappings,
  nameConstraints,
  options,
  policies,
  policyConstraints,
} from "./_make.ts";
import { makeResponse } from "./_ocsp.ts";

/** A reader, and well-formed bytes for it to mutate. */
interface Target {
  readonly name: string;
  readonly seed: Uint8Array;
  readonly read: (bytes: Uint8Array) => unknown;
}

/** What mutations led to. */
export interface FuzzResult {
  /** How many mutants were read as if they were well formed, and refused, by target. */
  readonly counts: Readonly<Record<string, { accepted: number; refused: number }>>;
  /** The longest that one took, in milliseconds. */
  readonly slowest: number;
}

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

function parsePrivateKeyOf(bytes: Uint8Array): void {
  parsePrivateKey(bytes);
}

/** A PKCS#12 file without encryption or MAC, so that mutants reach what is inside. */
function clearPkcs12(): Uint8Array {
  const data = (bytes: Uint8Array) =>
    der.sequence(der.oid("1.2.840.113549.1.7.1"), der.explicit(0, der.octetString(bytes)));
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

const TARGETS: readonly Target[] = [
  { name: "end entity", seed: SERVER.der, read: (bytes) => verify([parseCertificate(bytes), CA]) },
  { name: "CA", seed: CA.der, read: (bytes) => verify([SERVER, parseCertificate(bytes)]) },
  {
    name: "PEM",
    seed: new TextEncoder().encode(CA.pem),
    read: (bytes) => parseCertificate(new TextDecoder().decode(bytes)),
  },
  { name: "request", seed: REQUEST.der, read: (bytes) => parseCertificateRequest(bytes) },
  { name: "list", seed: derOf(LIST), read: parseRevocationList },
  { name: "OCSP response", seed: makeResponse(), read: parseOcspResponse },
  {
    name: "public key",
    seed: exportPublicKey({ type: "rsa", n: rsa1024.n, e: rsa1024.e }),
    read: parsePublicKey,
  },
  { name: "private key", seed: exportPrivateKeyDer(rsa1024), read: (bytes) => parsePrivateKey(bytes) },
  {
    name: "encrypted private key",
    seed: exportPrivateKeyDer(rsa1024, { passphrase: "x", iterations: 1 }),
    read: (bytes) => parsePrivateKey(bytes), // with a passphrase, a mutant may cost seconds
  },
  { name: "EC private key", seed: exportPrivateKeyDer(EC, { format: "sec1" }), read: parsePrivateKeyOf },
  { name: "Ed25519 private key", seed: exportPrivateKeyDer(ED25519), read: parsePrivateKeyOf },
  {
    name: "PKCS#12",
    seed: createPkcs12({ keys: [{ key: EC, certificates: [CA] }] }, "x", { iterations: 1 }),
    read: (bytes) => parsePkcs12(bytes, "x"),
  },
  { name: "PKCS#12 in the clear", seed: clearPkcs12(), read: (bytes) => parsePkcs12(bytes) },
  { name: "PKCS#7", seed: pkcs7(), read: parseCertificates },
  {
    name: "PEM with DEK-Info",
    seed: new TextEncoder().encode(OLD_PEM),
    read: (bytes) => parsePrivateKey(bytes, "x"),
  },
];

/** Feeds `count` mutants to the targets in turn. Whatever is not a ChannelError is thrown on, with the mutant that made it. */
export function fuzz(count: number, seed: number): FuzzResult {
  const random = seededRandom(seed);
  const counts = Object.fromEntries(TARGETS.map(({ name }) => [name, { accepted: 0, refused: 0 }]));
  let slowest = 0;
  for (let i = 0; i < count; i++) {
    const target = TARGETS[i % TARGETS.length];
    const mutant = mutate(target.seed, random);
    const start = performance.now();
    counts[target.name][isRefused(target, mutant) ? "refused" : "accepted"]++;
    slowest = Math.max(slowest, performance.now() - start);
  }
  return { counts, slowest };
}

function isRefused({ name, read }: Target, mutant: Uint8Array): boolean {
  try {
    read(mutant);
    return false;
  } catch (error) {
    if (error instanceof ChannelError) return true;
    throw new Error(`${name}: not a ChannelError for\n${encodePem("MUTANT", mutant)}`, { cause: error });
  }
}
