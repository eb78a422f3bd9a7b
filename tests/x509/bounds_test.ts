/** Hostile certificates: the work is bounded by counts, which are the same on every machine. */

import { decodeOid, der, DerReader, MAX_DEPTH, TAG } from "../../src/asn1/mod.ts";
import { extension } from "../../src/x509/issuing/encode.ts";
import { encodeGeneralName, type GeneralName } from "../../src/x509/names/general_name.ts";
import {
  CertificateError,
  ChannelError,
  type Name,
  parseCertificate,
  parseName,
  parsePublicKey,
  verifyCertificate,
} from "../../src/x509/mod.ts";
import { Budget, WORK_LIMITS } from "../../src/x509/path/budget.ts";
import { checkNameConstraints } from "../../src/x509/path/name_constraints.ts";
import { finish } from "../../src/x509/steps.ts";
import { encodeSubject } from "../../src/x509/names/subject.ts";
import { rsa2048 } from "../_kit/keys.ts";
import { assert, channelError, test } from "../_kit/mod.ts";
import { make, makeCa, makeRoot, nameConstraints, options, san } from "./_make.ts";

const NAMES = Array.from(
  { length: 10_000 },
  (_, i) => ({ type: "dns", value: `h${i}.example` }) satisfies GeneralName,
);

function limited(error: unknown): boolean {
  return error instanceof CertificateError && error.reason === "limit";
}

test("10,000 names against 10,000 constraints: at most 250,000 comparisons", () => {
  const excluded = NAMES.map(({ value }): GeneralName => ({ type: "dns", value: `not-${value}` }));
  const root = makeRoot("CN=Root", rsa2048, [nameConstraints([], excluded)]);
  const server = make({ subject: "CN=x", issuer: "CN=Root", signer: rsa2048, extensions: [san(...NAMES)] });
  assert.throws(() => verifyCertificate([server], options([root])), limited);

  const addresses = NAMES.map((_, i): GeneralName => ({
    type: "ip",
    value: Uint8Array.of(10, i >> 8, i, 1, 255, 255, 255, 255),
  }));
  const other = makeRoot("CN=Root", rsa2048, [nameConstraints([], addresses)]);
  assert.equal(verifyCertificate([server], options([other])).work.comparisons, 0);
});

test("long names against 10,000 constraints: each is read once", () => {
  const long = "a".repeat(200_000);
  const spaces: GeneralName[] = NAMES.map(({ value }) => ({ type: "email", value: `a@${value}` }));
  spaces.push(...NAMES.map(({ value }): GeneralName => ({ type: "uri", value })));
  spaces.push(...NAMES.map(({ value }): GeneralName => ({ type: "dns", value })));
  spaces.push(...NAMES.map(({ value }): GeneralName => ({ type: "directoryName", value: name(value) })));
  const names: GeneralName[] = [
    { type: "email", value: `${long}@host.example` },
    { type: "uri", value: `${long}://host.example/${long}` },
    { type: "directoryName", value: name(...Array<string>(10_000).fill("x")) },
  ];
  const certificate = make({ subject: "", issuer: "CN=x", extensions: [san(...names)] });
  const budget = new Budget();
  const started = performance.now();
  finish(checkNameConstraints({ permitted: [], excluded: spaces }, certificate, 0, budget));
  assert.ok(
    performance.now() - started < 30_000,
    "in a small part of the minutes that reading it each time takes",
  );
  assert.equal(budget.used.comparisons, 30_000);

  // The reverse: long constraints, and many names.
  const constraints: GeneralName[] = [
    { type: "dns", value: `.${long}` },
    { type: "email", value: `${long}@host.example` },
  ];
  const many = make({
    subject: "",
    issuer: "CN=x",
    extensions: [
      san(...NAMES, ...NAMES.map(({ value }): GeneralName => ({ type: "email", value: `a@${value}` }))),
    ],
  });
  const again = performance.now();
  assert.throws(
    () => finish(checkNameConstraints({ permitted: constraints, excluded: [] }, many, 0, budget)),
    CertificateError,
  );
  finish(checkNameConstraints({ permitted: [], excluded: constraints.slice(1) }, many, 0, budget));
  assert.ok(
    performance.now() - again < 30_000,
    "in a small part of the minutes that reading it each time takes",
  );
});

function name(...organizations: string[]): Name {
  return parseName(encodeSubject(organizations.map((value) => ({ type: "O", value }))));
}

test("a budget counts, and ends at its limit", () => {
  const budget = new Budget();
  budget.spend("comparisons", WORK_LIMITS.comparisons);
  assert.throws(() => budget.spend("comparisons"), limited);
  assert.deepEqual(budget.used, { signatures: 0, candidates: 0, comparisons: WORK_LIMITS.comparisons + 1 });
});

test("100 CAs that cross-sign each other: at most 100 signatures, 5,000 candidates", () => {
  const pile = Array.from(
    { length: 100 },
    (_, i) => [1, 2].map((step) => makeCa({ subject: `CN=${i}`, issuer: `CN=${(i + step) % 100}` })),
  ).flat();
  const server = make({ subject: "CN=x", issuer: "CN=0", extensions: [san(NAMES[0])] });
  const distant = options([makeRoot("CN=Root", rsa2048)], { maximumIntermediates: 100 });
  assert.throws(() => verifyCertificate([server, ...pile], distant), limited);

  // If the root is near, the many certificates cause no work.
  const root = makeRoot("CN=0", rsa2048);
  const own = make({ subject: "CN=x", issuer: "CN=0", signer: rsa2048, extensions: [san(NAMES[0])] });
  assert.deepEqual(verifyCertificate([own, ...pile], options([root])).work, {
    signatures: 1,
    candidates: 1,
    comparisons: 0,
  });
});

test("10,000 copies of a useless issuer: at most 5,000 candidates", () => {
  const useless = makeCa({ subject: "CN=CA", issuer: "CN=Nobody", notAfter: "2025-02-01T00:00:00Z" });
  const server = make({ subject: "CN=x", issuer: "CN=CA", extensions: [san(NAMES[0])] });
  const chain = [server, ...Array<typeof useless>(10_000).fill(useless)];
  assert.throws(() => verifyCertificate(chain, options([makeRoot("CN=Root", rsa2048)])), limited);
});

/** Returns nested SEQUENCEs. */
function nested(depth: number): Uint8Array {
  const headers: number[][] = [];
  for (let i = 0, length = 0; i < depth; i++) {
    const size = length < 0x80
      ? [length]
      : length < 0x10000
      ? [0x82, length >> 8, length]
      : [0x83, length >> 16, length >> 8, length];
    headers.push([TAG.sequence, ...length > 0x7f && length < 0x100 ? [0x81, length] : size]);
    length += headers[i].length;
  }
  return Uint8Array.from(headers.reverse().flat(), (byte) => byte & 0xff);
}

test("DER nested 100,000 deep: a descent ends at 64", async () => {
  const value = nested(100_000);
  let steps = 0;
  const descend = (reader: DerReader): void => {
    steps++;
    if (reader.has(TAG.sequence)) descend(reader.sequence());
  };
  await channelError(() => descend(new DerReader(value, "the value")), "limit");
  assert.equal(steps, MAX_DEPTH + 1);
  await channelError(() => parseCertificate(value), "malformed");
  await channelError(() => parsePublicKey(value), "malformed");
  await channelError(() => parseName(value), "malformed");
  // The value of an unknown extension is not parsed.
  make({ subject: "CN=x", issuer: "CN=x", extensions: [extension("1.2.3", false, value)] });
});

test("an object identifier of 1 MB is not decoded", async () => {
  let reads = 0;
  const contents = new Proxy(new Uint8Array(0), {
    get: (_, key) => key === "length" ? 1 << 20 : (reads++, 0xff),
  });
  await channelError(() => decodeOid(contents), "limit");
  assert.equal(reads, 0);
});

test("an RSA modulus of more than 8192 bits is refused, and one of 100 KB is not converted to a number", async () => {
  const keyOf = (bytes: number): Uint8Array => {
    const modulus = der.element(TAG.integer, new Uint8Array(bytes).fill(0x55));
    const algorithm = der.sequence(der.oid("1.2.840.113549.1.1.1"), der.nul());
    return der.sequence(algorithm, der.bitString(der.sequence(modulus, der.integer(65537))));
  };
  parsePublicKey(keyOf(1024));
  await channelError(() => parsePublicKey(keyOf(1025)), "limit");
  const spki = keyOf(100_000);
  const { getBigUint64 } = DataView.prototype;
  let limbs = 0;
  DataView.prototype.getBigUint64 = function (...args) {
    limbs++;
    return getBigUint64.apply(this, args);
  };
  try {
    await channelError(() => parsePublicKey(spki), "limit");
  } finally {
    DataView.prototype.getBigUint64 = getBigUint64;
  }
  assert.equal(limbs, 0);
});

test("a certificate over 1 MiB is refused before it is read", async () => {
  const large = new Uint8Array((1 << 20) + 1);
  large[0] = TAG.sequence;
  await channelError(() => parseCertificate(large), "limit");
  const name = encodeGeneralName({ type: "dns", value: "x".repeat(1 << 20) });
  assert.throws(
    () =>
      make({
        subject: "CN=x",
        issuer: "CN=x",
        extensions: [extension("2.5.29.17", false, der.sequence(name))],
      }),
    (error) => error instanceof ChannelError && error.code === "limit",
  );
});
