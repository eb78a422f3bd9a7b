import { assert, channelError, ENGINES, test, vectorText } from "../_kit/mod.ts";
import { fromHex, toHex } from "../../src/bytes.ts";
import { p384 } from "../../src/crypto/ec/ecdh.ts";
import { parsePublicKey } from "../../src/x509/keys/public_key.ts";
import { verifySignature } from "../../src/x509/keys/signature.ts";
import type { SignatureScheme } from "../../src/x509/keys/signature_scheme.ts";

interface Case {
  readonly tcId: number;
  readonly comment: string;
  readonly result: "valid" | "invalid" | "acceptable";
  readonly public: string;
  readonly private: string;
  readonly shared: string;
  readonly msg: string;
  readonly sig: string;
}

interface Group {
  readonly publicKeyDer: string;
  readonly tests: readonly Case[];
}

function groups(name: string): readonly Group[] {
  return JSON.parse(vectorText(`wycheproof/${name}_test.json`)).testGroups;
}

test(
  "ecdh: Wycheproof, P-384; compressed points are refused",
  { needs: ["vectors"], on: ENGINES },
  async () => {
    const seen = { valid: 0, invalid: 0, acceptable: 0 };
    for (const one of groups("ecdh_secp384r1_ecpoint").flatMap(({ tests }) => tests)) {
      seen[one.result]++;
      const agree = () => p384.sharedSecret(scalar(one.private), fromHex(one.public));
      if (one.result === "valid") assert.equal(toHex(agree()), one.shared, `case ${one.tcId}`);
      else await channelError(agree, "malformed");
      if (one.result === "acceptable") assert.equal(one.comment, "compressed public key");
    }
    assert.deepEqual(seen, { valid: 771, invalid: 18, acceptable: 1 });
  },
);

/** Returns a scalar with the curve's length. In the file, scalars have the variable length of DER integers. */
function scalar(hex: string): Uint8Array {
  return fromHex(hex.slice(-96).padStart(96, "0"));
}

function checkSignatures(file: string, scheme: SignatureScheme): Record<string, number> {
  const seen = { valid: 0, invalid: 0, acceptable: 0 };
  for (const { publicKeyDer, tests } of groups(file)) {
    const key = parsePublicKey(fromHex(publicKeyDer));
    for (const { tcId, comment, msg, sig, result } of tests) {
      seen[result]++;
      const valid = verifySignature(key, scheme, fromHex(msg), fromHex(sig));
      assert.equal(valid, result === "valid", `case ${tcId}: ${comment}`);
    }
  }
  return seen;
}

test("ecdsa: Wycheproof, P-521 with SHA-512", { needs: ["vectors"], on: ENGINES }, () => {
  const seen = checkSignatures("ecdsa_secp521r1_sha512", { type: "ecdsa", hash: "SHA-512" });
  assert.deepEqual(seen, { valid: 232, invalid: 310, acceptable: 0 });
});

test("ed25519: Wycheproof", { needs: ["vectors"], on: ENGINES }, () => {
  const seen = checkSignatures("ed25519", { type: "ed25519", hash: undefined });
  assert.deepEqual(seen, { valid: 88, invalid: 63, acceptable: 0 });
});
