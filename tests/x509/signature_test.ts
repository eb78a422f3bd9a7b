/** The signatures that each key may make, beyond the public vectors. */

import { signPkcs1, signPss } from "../../src/crypto/rsa/mod.ts";
import type { PssParameters, PublicKey } from "../../src/x509/mod.ts";
import { verifySignature } from "../../src/x509/keys/signature.ts";
import { signatureScheme } from "../../src/x509/keys/signature_scheme.ts";
import { rsa1024 } from "../_kit/keys.ts";
import { assert, channelError, test } from "../_kit/mod.ts";

const DATA = new TextEncoder().encode("data");
const { n, e } = rsa1024;

test("a key for PSS alone holds signatures to its hash function and its least salt (RFC 4055 section 3.3)", () => {
  const scheme = { type: "rsa-pss", hash: "SHA-256", saltLength: 32 } as const;
  const signature = signPss(rsa1024, DATA, { hash: "SHA-256", saltLength: 32 });
  const verifies = (parameters: PssParameters | undefined): boolean =>
    verifySignature({ type: "rsa-pss", n, e, parameters }, scheme, DATA, signature);
  assert.ok(verifies(undefined));
  assert.ok(verifies({ hash: "SHA-256", saltLength: 32 }));
  assert.ok(verifies({ hash: "SHA-256", saltLength: 20 }));
  assert.ok(!verifies({ hash: "SHA-256", saltLength: 33 }));
  assert.ok(!verifies({ hash: "SHA-384", saltLength: 32 }));
  assert.ok(verifySignature({ type: "rsa", n, e }, scheme, DATA, signature));
});

test("a key for PSS alone makes no PKCS#1 v1.5 signatures, and a key of another kind none of RSA", () => {
  const scheme = { type: "rsa-pkcs1", hash: "SHA-256" } as const;
  const signature = signPkcs1(rsa1024, "SHA-256", DATA);
  assert.ok(verifySignature({ type: "rsa", n, e }, scheme, DATA, signature));
  assert.ok(!verifySignature({ type: "rsa-pss", n, e, parameters: undefined }, scheme, DATA, signature));
  const other: PublicKey = { type: "ed25519", key: new Uint8Array(32) };
  assert.ok(!verifySignature(other, scheme, DATA, signature));
});

test("unsupported algorithms are refused, naming them", async () => {
  const oids: [string, string][] = [["1.2.840.113549.1.1.4", "MD5 with RSA"], ["1.2.840.10040.4.3", "DSA"], [
    "1.2.3",
    "1.2.3",
  ]];
  for (const [oid, name] of oids) {
    const error = await channelError(() => signatureScheme({ oid, parameters: undefined }), "unsupported");
    assert.ok(error.message.includes(name), error.message);
  }
});
