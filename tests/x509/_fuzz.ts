/** What hostile bytes are fed to: every reader of ./x509, and verification behind it. */

import { decodePem, encodePem } from "../../src/asn1/mod.ts";
import {
  type Certificate,
  ChannelError,
  createCertificateRequest,
  createRevocationList,
  describeCertificate,
  exportPrivateKeyDer,
  exportPublicKey,
  parseCertificate,
  parseCertificateRequest,
  parseOcspResponse,
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
    read: (bytes) => parsePrivateKey(bytes),
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
