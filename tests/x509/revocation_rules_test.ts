/**
 * The rules of RFC 5280 section 6.3.3, one after another, in small chains of the kind that NIST's PKITS has in its sections
 * 4.4, 4.14 and 4.15. In all of them revocation is "hard", so that what shows nothing is told from what shows good.
 */

import { der } from "../../src/asn1/mod.ts";
import { extendedKeyUsage, extension } from "../../src/x509/issuing/encode.ts";
import { encodeGeneralName } from "../../src/x509/names/general_name.ts";
import {
  type Certificate,
  CertificateError,
  parseName,
  parseOcspResponse,
  parseRevocationList,
  type RevocationEvidence,
  type RevocationList,
  verifyCertificate,
} from "../../src/x509/mod.ts";
import { encodeSubject } from "../../src/x509/names/subject.ts";
import { rsa1024, rsa2048, rsa3072 } from "../_kit/keys.ts";
import { assert, test } from "../_kit/mod.ts";
import { type ListFields, makeList } from "./_crl.ts";
import { known, make, makeCa, makeRoot, makeServer, options } from "./_make.ts";
import { CA, makeResponse, type ResponseFields, SERVER } from "./_ocsp.ts";

const ROOT = makeRoot("CN=Root", rsa2048);

function list(fields: ListFields = {}): RevocationList {
  return parseRevocationList(makeList(fields));
}

/** The list that shows CA to be good. */
const ROOT_LIST = list({ issuer: ROOT, signer: rsa2048 });

interface Situation extends RevocationEvidence {
  readonly server?: Certificate;
  /** Further certificates that the peer sends. */
  readonly others?: readonly Certificate[];
}

/** Returns the verdict about the server with this evidence. */
function verdict(
  { server = SERVER, others = [], crls = [], ...evidence }: Situation,
): "good" | "revoked" | "unknown" {
  const all = { crls: [...crls, ROOT_LIST], ...evidence };
  try {
    verifyCertificate([server, CA, ...others], options([ROOT], { ...all, revocation: "hard" }));
    return "good";
  } catch (error) {
    assert.ok(error instanceof CertificateError, String(error));
    assert.equal(error.depth, 0, error.message);
    assert.match(error.reason, /^revo/, error.message);
    return error.reason === "revoked" ? "revoked" : "unknown";
  }
}

// Parts of extensions.

const uri = (url: string) => encodeGeneralName({ type: "uri", value: url });
const fullName = (...names: Uint8Array[]) => der.explicit(0, der.implicit(0, der.sequence(...names)));
/** nameRelativeToCRLIssuer: one CN. */
const relative = (cn: string) => {
  const attribute = der.sequence(der.oid("2.5.4.3"), der.utf8String(cn));
  return der.explicit(0, der.implicit(1, der.setOf(attribute)));
};
const directory = (subject: string) =>
  encodeGeneralName({ type: "directoryName", value: parseName(encodeSubject(subject)) });
const reasonFlags = (number: number, ...bits: number[]) => der.implicit(number, der.namedBits(bits));
const flag = (number: number) => der.implicit(number, der.boolean(true));
const crlIssuer = (subject: string) => der.implicit(2, der.sequence(directory(subject)));

/** issuingDistributionPoint. */
const scope = (...fields: Uint8Array[]) => extension("2.5.29.28", true, der.sequence(...fields));
const crlNumber = (number: number) => extension("2.5.29.20", false, der.integer(number));
const deltaOf = (base: number) => extension("2.5.29.27", true, der.integer(base));
const reason = (number: number) => extension("2.5.29.21", false, der.enumerated(number));
const entryIssuer = (subject: string) => extension("2.5.29.29", true, der.sequence(directory(subject)));

/** A server with distribution points. */
function serverAt(...points: Uint8Array[][]): Certificate {
  const value = der.sequence(...points.map((fields) => der.sequence(...fields)));
  const extensions = [known("crlDistributionPoints", value)];
  return makeServer({ issuer: "CN=CA", serialNumber: 42, extensions });
}

const URL1 = fullName(uri("http://crl.example/1.crl"));
const URL2 = fullName(uri("http://crl.example/2.crl"));

test("revocation: a list of a distribution point is for the certificates that name it (step (b) (2))", () => {
  const one = list({ extensions: [scope(URL1)] });
  assert.equal(verdict({ server: serverAt([URL1]), crls: [one] }), "good");
  assert.equal(verdict({ server: serverAt([URL2], [URL1]), crls: [one] }), "good");
  assert.equal(verdict({ server: serverAt([URL2]), crls: [one] }), "unknown");
  assert.equal(verdict({ server: SERVER, crls: [one] }), "unknown");
  // One common name is enough, and a list without a distribution point applies to every point.
  const both = fullName(uri("http://crl.example/1.crl"), uri("http://crl.example/2.crl"));
  assert.equal(verdict({ server: serverAt([both]), crls: [one] }), "good");
  assert.equal(verdict({ server: serverAt([URL2]), crls: [list()] }), "good");
  // The issuer's name is the implicit distribution point of every certificate.
  const own = list({ extensions: [scope(fullName(directory("CN=CA")))] });
  assert.equal(verdict({ server: SERVER, crls: [own] }), "good");
});

test("revocation: names relative to the issuer of the list", () => {
  const one = list({ extensions: [scope(relative("one"))] });
  assert.equal(verdict({ server: serverAt([relative("one")]), crls: [one] }), "good");
  assert.equal(verdict({ server: serverAt([relative("ONE")]), crls: [one] }), "good");
  assert.equal(verdict({ server: serverAt([relative("two")]), crls: [one] }), "unknown");
  const whole = fullName(encodeGeneralName({ type: "directoryName", value: parseName(nameOf("CA", "one")) }));
  assert.equal(verdict({ server: serverAt([whole]), crls: [one] }), "good");
});

function nameOf(...commonNames: string[]): Uint8Array {
  return encodeSubject(commonNames.map((value) => ({ type: "CN", value })));
}

test("revocation: lists only of CAs, or only of end entities", () => {
  assert.equal(verdict({ crls: [list({ extensions: [scope(flag(1))] })] }), "good");
  assert.equal(verdict({ crls: [list({ extensions: [scope(flag(2))] })] }), "unknown");
});

test("revocation: lists for some reasons are good together alone (steps (d), (e) and (l))", () => {
  const some = list({ extensions: [scope(reasonFlags(3, 1, 2))] });
  const rest = list({ extensions: [scope(reasonFlags(3, 3, 4, 5, 6, 7, 8))] });
  assert.equal(verdict({ crls: [some] }), "unknown");
  assert.equal(verdict({ crls: [rest] }), "unknown");
  assert.equal(verdict({ crls: [some, rest] }), "good");
  const revoked = list({ extensions: [scope(reasonFlags(3, 1, 2))], serialNumbers: [42] });
  assert.equal(verdict({ crls: [revoked] }), "revoked");
  assert.equal(verdict({ crls: [rest, revoked] }), "revoked");
  // The certificate's distribution points also limit the reasons.
  const server = serverAt([URL1, reasonFlags(1, 1, 2)], [URL2, reasonFlags(1, 3, 4, 5, 6, 7, 8)]);
  const [one, two] = [list({ extensions: [scope(URL1)] }), list({ extensions: [scope(URL2)] })];
  assert.equal(verdict({ server, crls: [one] }), "unknown");
  assert.equal(verdict({ server, crls: [one, two] }), "good");
});

/** The issuer of a CA's lists: a CA below the root, or a certificate only for signing lists. */
const LISTER = makeCa({
  subject: "CN=Lister",
  issuer: "CN=Root",
  key: rsa3072,
  signer: rsa2048,
  serialNumber: 9,
});

function indirect(fields: ListFields = {}): RevocationList {
  const { extensions = [scope(URL1, flag(4))] } = fields;
  return list({ issuer: LISTER, signer: rsa3072, ...fields, extensions });
}

test("revocation: an indirect list is for certificates that name its issuer (step (b) (1))", () => {
  const server = serverAt([URL1, crlIssuer("CN=Lister")]);
  const ofCa = (serialNumber: number) => ({ serialNumber, extensions: [entryIssuer("CN=CA")] });
  const crlIssuers = [LISTER];
  assert.equal(verdict({ server, crls: [indirect()], crlIssuers }), "good");
  assert.equal(verdict({ server, crls: [indirect()], others: crlIssuers }), "good");
  assert.equal(verdict({ server, crls: [indirect({ entries: [ofCa(42)] })], crlIssuers }), "revoked");
  assert.equal(verdict({ server, crls: [indirect({ entries: [ofCa(41)] })], crlIssuers }), "good");
  // Without the issuer's certificate, or without a path from it to the root, the list shows nothing.
  assert.equal(verdict({ server, crls: [indirect()] }), "unknown");
  const impostor = makeCa({ subject: "CN=Lister", issuer: "CN=Root", key: rsa3072, signer: rsa1024 });
  assert.equal(verdict({ server, crls: [indirect()], crlIssuers: [impostor] }), "unknown");
  // An issuer that the certificate does not name has no authority over the certificates of another CA.
  const crls = [indirect({ entries: [ofCa(42)] })];
  assert.equal(verdict({ server: SERVER, crls, crlIssuers }), "unknown");
  assert.equal(verdict({ server: serverAt([URL1]), crls, crlIssuers }), "unknown");
  // A list that is not indirect has none either.
  const direct = list({ issuer: LISTER, signer: rsa3072, extensions: [scope(URL1)] });
  assert.equal(verdict({ server, crls: [direct], crlIssuers }), "unknown");
});

test("revocation: an entry's issuer holds for the entries after it (section 5.3.3)", () => {
  const server = serverAt([URL1, crlIssuer("CN=Lister")]);
  const entry = (serialNumber: number, issuer?: string) => ({
    serialNumber,
    extensions: issuer === undefined ? undefined : [entryIssuer(issuer)],
  });
  const judge = (...entries: ReturnType<typeof entry>[]) =>
    verdict({ server, crls: [indirect({ entries })], crlIssuers: [LISTER] });
  assert.equal(judge(entry(42)), "good"); // the lister's own
  assert.equal(judge(entry(41, "CN=CA"), entry(42)), "revoked");
  assert.equal(judge(entry(41, "CN=CA"), entry(42, "CN=Other")), "good");
  assert.equal(judge(entry(41, "CN=Other"), entry(42), entry(43, "CN=CA")), "good");
  const read = indirect({ entries: [entry(1), entry(42, "CN=CA"), entry(43)] });
  assert.deepEqual([...read.revoked].map(({ issuer }) => issuer?.commonName), [undefined, "CA", "CA"]);
  assert.equal(read.find(Uint8Array.of(43)), undefined);
});

test("revocation: a CA without a list in its own name, a point without a name (step (b) (2) (i))", () => {
  const server = serverAt([crlIssuer("CN=Lister")]);
  const named = indirect({ extensions: [scope(fullName(directory("CN=Lister")), flag(4))] });
  assert.equal(verdict({ server, crls: [named], crlIssuers: [LISTER] }), "good");
  assert.equal(verdict({ server, crls: [indirect()], crlIssuers: [LISTER] }), "unknown");
  assert.equal(
    verdict({ server, crls: [indirect({ extensions: [scope(flag(4))] })], crlIssuers: [LISTER] }),
    "good",
  );
});

/** The CA with another key, as after a change of keys. */
function otherKey(changes: Partial<Parameters<typeof make>[0]> = {}): Certificate {
  return makeCa({
    subject: "CN=CA",
    issuer: "CN=Root",
    key: rsa3072,
    signer: rsa2048,
    serialNumber: 8,
    ...changes,
  });
}

test("revocation: a list signed by another key of the CA (step (f))", () => {
  const byNew = (fields: ListFields = {}) => list({ signer: rsa3072, ...fields });
  assert.equal(verdict({ crls: [byNew()], others: [otherKey()] }), "good");
  assert.equal(verdict({ crls: [byNew()], crlIssuers: [otherKey()] }), "good");
  assert.equal(verdict({ crls: [byNew({ serialNumbers: [42] })], others: [otherKey()] }), "revoked");
  // The new key must have a certificate from the same root that allows signing lists.
  assert.equal(verdict({ crls: [byNew()] }), "unknown");
  assert.equal(verdict({ crls: [byNew()], others: [otherKey({ signer: rsa1024 })] }), "unknown");
  assert.equal(
    verdict({ crls: [byNew()], others: [otherKey({ notAfter: "2025-05-01T00:00:00Z" })] }),
    "unknown",
  );
  const noLists = make({
    subject: "CN=CA",
    issuer: "CN=Root",
    key: rsa3072,
    signer: rsa2048,
    extensions: [known("keyUsage", der.namedBits([5]), true)],
  });
  assert.equal(verdict({ crls: [byNew()], others: [noLists] }), "unknown");
  // A server that has the CA's name is no CA.
  const server = makeServer({ subject: "CN=CA", issuer: "CN=Root", key: rsa3072, signer: rsa2048 });
  assert.equal(verdict({ crls: [byNew()], others: [server] }), "unknown");
  // A list signed with a revoked key shows nothing.
  const revoking = list({ issuer: ROOT, signer: rsa2048, serialNumbers: [8] });
  assert.equal(verdict({ crls: [byNew(), revoking], others: [otherKey()] }), "unknown");
  // Key identifiers distinguish the keys.
  const identifier = known(
    "authorityKeyIdentifier",
    der.sequence(der.implicit(0, der.octetString(Uint8Array.of(1)))),
  );
  const named = otherKey({ extensions: [known("subjectKeyIdentifier", der.octetString(Uint8Array.of(2)))] });
  assert.equal(verdict({ crls: [byNew({ extensions: [identifier] })], others: [named] }), "unknown");
});

test("revocation: a key identifier is a hint: the CA's own list counts whatever it says", () => {
  const id = (byte: number) => der.octetString(Uint8Array.of(byte));
  const identifier = known("authorityKeyIdentifier", der.sequence(der.implicit(0, id(1))));
  const ca = makeCa({
    subject: "CN=CA",
    issuer: "CN=Root",
    signer: rsa2048,
    extensions: [known("subjectKeyIdentifier", id(2))],
  });
  const crls = [list({ extensions: [identifier], serialNumbers: [42] })];
  assert.throws(() => verifyCertificate([SERVER, ca], options([ROOT], { crls })), /revoked/);
});

test("revocation: delta lists (steps (c) and (i) to (k))", () => {
  const base = (fields: ListFields = {}) => list({ ...fields, extensions: [crlNumber(5)] });
  const delta = (fields: ListFields & { from?: number; number?: number; more?: Uint8Array[] } = {}) => {
    const { from = 4, number = 7, more = [] } = fields;
    return list({
      thisUpdate: "2025-05-20T00:00:00Z",
      ...fields,
      extensions: [crlNumber(number), deltaOf(from), ...more],
    });
  };
  const stale = { nextUpdate: "2025-05-31T00:00:00Z" };
  const hold = { serialNumber: 42, extensions: [reason(6)] };
  const release = { serialNumber: 42, extensions: [reason(8)] };
  assert.equal(verdict({ crls: [delta()] }), "unknown"); // no base
  assert.equal(verdict({ crls: [base(), delta()] }), "good");
  assert.equal(verdict({ crls: [base(), delta({ serialNumbers: [42] })] }), "revoked");
  assert.equal(verdict({ crls: [delta({ serialNumbers: [42] })] }), "revoked");
  assert.equal(verdict({ crls: [base({ serialNumbers: [42] }), delta()] }), "revoked");
  assert.equal(verdict({ crls: [base({ entries: [hold] }), delta()] }), "revoked");
  assert.equal(verdict({ crls: [base({ entries: [hold] }), delta({ entries: [release] })] }), "good");
  // The newest delta list counts, and it updates an outdated base list.
  const newer = delta({ number: 8, serialNumbers: [42] });
  assert.equal(
    verdict({ crls: [base({ entries: [hold] }), delta({ entries: [release] }), newer] }),
    "revoked",
  );
  assert.equal(verdict({ crls: [base(stale), delta()] }), "good");
  assert.equal(verdict({ crls: [base(stale), delta(stale)] }), "unknown");
  // A delta list that does not continue from the base, is older, has another scope, or is forged has no effect.
  const useless = [
    delta({ from: 6, entries: [release] }),
    delta({ from: 2, number: 4, entries: [release] }),
    delta({ more: [scope(flag(1))], entries: [release] }),
    delta({ signer: rsa3072, entries: [release] }),
  ];
  for (const one of useless) assert.equal(verdict({ crls: [base({ entries: [hold] }), one] }), "revoked");
  assert.equal(verdict({ crls: [base(stale), delta({ from: 6 })] }), "unknown");
  // removeFromCRL has no meaning in a full list.
  assert.equal(verdict({ crls: [list({ entries: [release] })] }), "revoked");
});

test("revocation: a hold is over when later evidence shows the certificate to be good, another revocation is not", () => {
  const response = (fields: ResponseFields) => parseOcspResponse(makeResponse(fields));
  const good = { ocspResponses: [response({ thisUpdate: "2025-05-31T00:00:00Z" })] };
  const listed = (number: number) => list({ entries: [{ serialNumber: 42, extensions: [reason(number)] }] });
  assert.equal(verdict({ crls: [listed(6)] }), "revoked");
  assert.equal(verdict({ crls: [listed(6)], ...good }), "good");
  assert.equal(verdict({ crls: [listed(1)], ...good }), "revoked");
  const held = response({ status: "revoked", reason: 6, thisUpdate: "2025-05-31T00:00:00Z" });
  assert.equal(verdict({ crls: [list()], ocspResponses: [held] }), "revoked");
});

test("revocation: oddities in a list or response do not invalidate it", () => {
  const empty = list({ serialNumbers: [41], entries: [{ serialNumber: 42, extensions: [] }] });
  assert.equal(verdict({ crls: [empty] }), "revoked");
  const responder = (critical: boolean) =>
    make({
      subject: "CN=Responder",
      issuer: "CN=CA",
      key: rsa3072,
      extensions: [
        extendedKeyUsage(["1.3.6.1.5.5.7.3.9"]),
        extension("1.3.6.1.5.5.7.48.1.5", critical, der.nul()),
      ],
    });
  for (const critical of [false, true]) {
    const fields = { responder: responder(critical), signer: rsa3072 };
    const unreadable = [der.sequence(der.integer(1))];
    for (const others of [[], unreadable]) {
      const of = (
        status: "good" | "revoked",
      ) => [parseOcspResponse(makeResponse({ ...fields, others, status }))];
      assert.equal(verdict({ ocspResponses: of("good") }), "good");
      assert.equal(verdict({ ocspResponses: of("revoked") }), "revoked");
    }
  }
});
