import { assert, ENGINES, test } from "../_kit/mod.ts";
import { fromHex, toHex } from "../../src/bytes.ts";
import { bytesToBigInt } from "../../src/bigint.ts";
import {
  decryptOaep,
  type RsaPrivateKey,
  signPkcs1,
  verifyPkcs1,
  verifyPss,
} from "../../src/crypto/rsa/mod.ts";
import { parsePrivateKey } from "../../src/x509/keys/key_file.ts";
import { ChannelError } from "../../src/errors.ts";
import { isCandidate, isProbablePrime } from "./_primes.ts";
import { type Case, type Group, groups, publicKeyOf } from "./_wycheproof.ts";

const options = { needs: ["vectors"], on: ENGINES } as const;

/** Counts the tests of a file, so that a shorter file or skipped tests are detected. */
function each(files: readonly string[], expected: number, check: (group: Group, one: Case) => void): void {
  let count = 0;
  for (const file of files) {
    for (const group of groups(file)) {
      for (const one of group.tests) {
        count++;
        try {
          check(group, one);
        } catch (error) {
          throw new Error(`${file} ${one.tcId} (${one.comment})`, { cause: error });
        }
      }
    }
  }
  assert.equal(count, expected);
}

const OAEP_FILES: Readonly<Record<number, readonly [files: readonly string[], count: number]>> = {
  2048: [[
    "sha1_mgf1sha1",
    "sha256_mgf1sha1",
    "sha256_mgf1sha256",
    "sha384_mgf1sha1",
    "sha384_mgf1sha384",
    "sha512_mgf1sha1",
    "sha512_mgf1sha512",
  ], 233],
  3072: [["sha256_mgf1sha1", "sha256_mgf1sha256", "sha512_mgf1sha1", "sha512_mgf1sha512"], 133],
  4096: [["sha256_mgf1sha1", "sha256_mgf1sha256", "sha512_mgf1sha1", "sha512_mgf1sha512"], 136],
};

for (const [bits, [files, count]] of Object.entries(OAEP_FILES)) {
  test(
    `RSA-OAEP: Wycheproof's valid ciphertexts of ${bits} bits are decrypted, the invalid ones refused`,
    options,
    () => {
      each(files.map((file) => `rsa_oaep_${bits}_${file}`), count, checkOaep);
    },
  );
}

test(
  "RSA-OAEP: Wycheproof's ciphertexts with two different hashes are decrypted or refused as they say",
  options,
  () => {
    const slow = new Set<Group>();
    each(["rsa_oaep_misc"], 395, (group, one) => {
      if (group.keySize > 2048 && slow.has(group)) return; // up to a quarter of a second each: one of a group will do
      slow.add(group);
      checkOaep(group, one);
    });
  },
);

const keys = new Map<string, RsaPrivateKey>();

function privateKeyOf(group: Group): RsaPrivateKey {
  const kept = keys.get(group.privateKeyPkcs8) ??
    parsePrivateKey(fromHex(group.privateKeyPkcs8)) as RsaPrivateKey;
  keys.set(group.privateKeyPkcs8, kept);
  return kept;
}

function checkOaep(group: Group, one: Case): void {
  assert.equal(group.mgf, "MGF1");
  const options = { hash: group.sha, mgfHash: group.mgfSha, label: fromHex(one.label) };
  const decrypt = (): Uint8Array => decryptOaep(privateKeyOf(group), fromHex(one.ct), options);
  if (one.result === "invalid") {
    assert.throws(decrypt, (error) => {
      return error instanceof ChannelError && error.code === "crypto" &&
        error.message === "RSA decryption failed";
    });
  } else {
    assert.equal(toHex(decrypt()), one.msg);
  }
}

test("RSASSA-PKCS1-v1_5: signatures are those of Wycheproof", options, () => {
  const files = [1024, 1536, 2048, 3072, 4096].map((bits) => `rsa_pkcs1_${bits}_sig_gen`);
  each(files, 158, (group, one) => {
    assert.equal(toHex(signPkcs1(privateKeyOf(group), group.sha, fromHex(one.msg))), one.sig);
  });
});

test("RSASSA-PKCS1-v1_5: only Wycheproof's valid signatures verify", options, () => {
  const names = ["2048_sha224", "2048_sha256", "2048_sha384", "2048_sha512", "3072_sha256"];
  names.push("3072_sha384", "3072_sha512", "4096_sha256", "4096_sha384", "4096_sha512");
  each(names.map((name) => `rsa_signature_${name}`), 2588, (group, one) => {
    // The "acceptable" tests have a DigestInfo without NULL. They are refused, as RFC 8017 appendix A.2.4 specifies.
    const isValid = verifyPkcs1(publicKeyOf(group), group.sha, fromHex(one.msg), fromHex(one.sig));
    assert.equal(isValid, one.result === "valid");
  });
});

test("RSASSA-PSS: only Wycheproof's valid signatures verify", options, () => {
  const names = ["2048_sha1_mgf1_20", "2048_sha256_mgf1_0", "2048_sha256_mgf1_32", "2048_sha256_mgf1sha1_20"];
  names.push("2048_sha384_mgf1_48", "2048_sha512_mgf1sha256_32_params", "3072_sha256_mgf1_32");
  names.push("4096_sha256_mgf1_32", "4096_sha384_mgf1_48", "4096_sha512_mgf1_32", "4096_sha512_mgf1_64");
  names.push("2048_sha1_mgf1_20_params", "2048_sha256_mgf1_0_params", "2048_sha256_mgf1_32_params");
  names.push("3072_sha256_mgf1_32_params", "4096_sha512_mgf1_32_params", "4096_sha512_mgf1_64_params");
  names.push("misc", "misc_params");
  each(names.map((name) => `rsa_pss_${name}`), 2502, (group, one) => {
    const options = { hash: group.sha, mgfHash: group.mgfSha, saltLength: group.sLen };
    const isValid = verifyPss(publicKeyOf(group), fromHex(one.msg), fromHex(one.sig), options);
    assert.equal(isValid, one.result === "valid");
  });
});

test("primality: Wycheproof's primes pass, its composites fail", options, () => {
  let candidates = 0;
  each(["primality"], 317, (_, one) => {
    // The "acceptable" tests are negatives of primes, which never occur here.
    if (one.result === "acceptable") return;
    const value = BigInt.asIntN(one.value.length * 4, bytesToBigInt(fromHex(one.value)));
    if (!isCandidate(value)) return;
    candidates++;
    // A prime passes every round, so few rounds of the slow ones suffice. A composite must fail.
    const rounds = one.result === "valid" ? 2 : 20;
    assert.equal(isProbablePrime(value, rounds), one.result === "valid");
  });
  assert.equal(candidates, 290);
});
