/**
 * Other people's odd and hostile files: whatever is in them, it is read or refused with a ChannelError. Verdicts are
 * counted beside those of OpenSSL and pyca/cryptography; docs/x509-vectors.md explains where they differ.
 */

import { decodePem, DerReader } from "../../src/asn1/mod.ts";
import { fromBase64 } from "../../src/bytes.ts";
import {
  ChannelError,
  describeCertificate,
  parseCertificate,
  parseRevocationList,
  parseRevocationLists,
} from "../../src/x509/mod.ts";
import { assert, test, vector, vectorText } from "../_kit/mod.ts";

interface Verdict {
  readonly kind?: string;
  readonly openssl?: "accept" | "reject";
  readonly pyca?: "accept" | "reject";
  readonly pycaExt?: "accept" | "reject";
}

interface Item {
  readonly name?: string;
  readonly sha256?: string;
  readonly pem?: string;
  readonly b64?: string;
}

function items(path: string): Item[] {
  return vectorText(path).split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as Item);
}

function isRead(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof ChannelError) return false;
    throw error;
  }
}

function certificate(source: string | Uint8Array): void {
  const read = parseCertificate(source);
  describeCertificate(read);
  void read.isSelfIssued;
}

/** Returns whether pyca/cryptography, which has a strict parser in Rust, reads the file with all extensions. */
function pycaReads({ pyca, pycaExt }: Verdict): boolean {
  return pyca === "accept" && pycaExt !== "reject";
}

/** The numbers of files that both read, neither reads, only this library reads, and only pyca reads. */
function agreement(pairs: readonly (readonly [boolean, boolean])[]): number[] {
  const count = (ours: boolean, theirs: boolean): number =>
    pairs.filter((pair) => pair[0] === ours && pair[1] === theirs).length;
  return [count(true, true), count(false, false), count(true, false), count(false, true)];
}

test(
  "zlint's certificates are read or refused as by pyca, with the known exceptions",
  { needs: ["vectors"] },
  () => {
    const verdicts = JSON.parse(vectorText("zlint-certs/verdicts.json.gz")) as Record<string, Verdict>;
    const pairs = items("zlint-certs/certs.jsonl.gz").map(({ name, pem, b64 }) =>
      [isRead(() => certificate(pem ?? fromBase64(b64!))), pycaReads(verdicts[name!])] as const
    );
    assert.deepEqual(agreement(pairs), [532, 158, 6, 26]);
  },
);

test("fuzzing corpora: certificates are read or refused as by pyca, with the known exceptions", {
  needs: ["vectors"],
}, () => {
  const verdicts = JSON.parse(vectorText("fuzz-corpora/verdicts-x509.json.gz")) as Record<string, Verdict>;
  const pairs = items("fuzz-corpora/x509.jsonl.gz").map(({ sha256, b64 }) =>
    [isRead(() => certificate(fromBase64(b64!))), pycaReads(verdicts[sha256!])] as const
  );
  assert.deepEqual(agreement(pairs), [23, 717, 23, 7]);
});

test("fuzzing corpora: revocation lists are read or refused as by pyca", { needs: ["vectors"] }, () => {
  const verdicts = JSON.parse(vectorText("fuzz-corpora/verdicts-crl.json.gz")) as Record<string, Verdict>;
  const pairs = items("fuzz-corpora/crl.jsonl.gz").map(({ sha256, b64 }) =>
    [isRead(() => parseRevocationList(fromBase64(b64!))), pycaReads(verdicts[sha256!])] as const
  );
  assert.deepEqual(agreement(pairs), [5, 1032, 0, 0]);
});

test("fuzzing corpora: PEM and DER are read or refused with a typed error", { needs: ["vectors"] }, () => {
  const text = new TextDecoder();
  for (const { b64 } of items("fuzz-corpora/pem.jsonl.gz")) {
    isRead(() => decodePem(text.decode(fromBase64(b64!))));
  }
  const descend = (reader: DerReader): void => {
    while (!reader.done) {
      const { tag, contents } = reader.any();
      if ((tag & 0x20) !== 0) descend(reader.nested(contents));
    }
  };
  for (const { b64 } of items("fuzz-corpora/der.jsonl.gz")) {
    isRead(() => descend(new DerReader(fromBase64(b64!), "the value")));
  }
});

test(
  "Mbed TLS's certificates and revocation lists are read or refused as by pyca, with the known exceptions",
  { needs: ["vectors"] },
  () => {
    const verdicts = JSON.parse(vectorText("mbedtls-data/verdicts.json")) as Record<string, Verdict>;
    const read = (kind: "cert" | "crl") => (source: Uint8Array): void => {
      const text = new TextDecoder().decode(source);
      const isPem = text.includes("-----BEGIN");
      if (kind === "crl") void (isPem ? parseRevocationLists(text) : parseRevocationList(source));
      else if (!isPem) certificate(source);
      else for (const { label, bytes } of decodePem(text)) if (label === "CERTIFICATE") certificate(bytes);
    };
    const pairs = (kind: "cert" | "crl") =>
      Object.entries(verdicts).filter(([, verdict]) => verdict.kind === kind).map(([name, verdict]) =>
        [isRead(() => read(kind)(vector(`mbedtls-data/${name}`))), pycaReads(verdict)] as const
      );
    assert.deepEqual(agreement(pairs("cert")), [188, 44, 40, 1]);
    assert.deepEqual(agreement(pairs("crl")), [37, 1, 0, 0]);
  },
);
