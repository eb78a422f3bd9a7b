/** Certificate policies (RFC 5280 section 6.1, RFC 9618). */

import { der } from "../../src/asn1/mod.ts";
import { CertificateError, type PolicyOptions, verifyCertificate } from "../../src/x509/mod.ts";
import { rsa2048 } from "../_kit/keys.ts";
import { assert, test } from "../_kit/mod.ts";
import {
  known,
  makeCa,
  makeRoot,
  makeServer,
  mappings,
  options,
  policies,
  policyConstraints,
} from "./_make.ts";

const ROOT = makeRoot("CN=Root", rsa2048);
const ANY = "2.5.29.32.0";
const [A, B, C] = ["1.2.3.1", "1.2.3.2", "1.2.3.3"];

/** Returns the policies of a path, from the extensions of the CAs from the root down and those of the server. */
function validPolicies(
  levels: readonly (readonly Uint8Array[])[],
  asked: PolicyOptions = {},
): readonly string[] {
  const cas = levels.slice(0, -1).map((extensions, i) =>
    makeCa({
      subject: `CN=CA ${i}`,
      issuer: i === 0 ? "CN=Root" : `CN=CA ${i - 1}`,
      signer: i === 0 ? rsa2048 : undefined,
      extensions,
    })
  );
  const server = makeServer({ issuer: `CN=CA ${cas.length - 1}`, extensions: levels[levels.length - 1] });
  return verifyCertificate([server, ...cas], options([ROOT], asked)).policies;
}

function refused(levels: readonly (readonly Uint8Array[])[], asked: PolicyOptions = {}): void {
  assert.throws(
    () => validPolicies(levels, asked),
    (error) => error instanceof CertificateError && error.reason === "policy",
  );
}

test("a policy holds where every certificate has it, or anyPolicy", () => {
  assert.deepEqual(validPolicies([[policies(A, B)], [policies(A, C)]]), [A]);
  assert.deepEqual(validPolicies([[policies(ANY)], [policies(A)]]), [A]);
  assert.deepEqual(validPolicies([[policies(A)], [policies(ANY)]]), [A]);
  assert.deepEqual(validPolicies([[policies(ANY)], [policies(ANY)]]), [ANY]);
  assert.deepEqual(validPolicies([[policies(A)], [policies(B)]]), []);
  assert.deepEqual(validPolicies([[], [policies(A)]]), []);
  assert.deepEqual(validPolicies([[policies(A)], []]), []);
});

test("a policy that the caller or a certificate requires must be present", () => {
  const required = { requireExplicitPolicy: true };
  assert.deepEqual(validPolicies([[policies(A)], [policies(A)]], required), [A]);
  refused([[policies(A)], [policies(B)]], required);
  refused([[], []], required);
  assert.deepEqual(validPolicies([[policies(A)], [policies(A)]], { ...required, policies: [A, B] }), [A]);
  refused([[policies(A)], [policies(A)]], { ...required, policies: [B] });
  assert.deepEqual(validPolicies([[policies(ANY)], [policies(ANY)]], { ...required, policies: [B] }), [B]);
  refused([[policyConstraints(0)], []]);
  refused([[policyConstraints(1)], []]);
  assert.deepEqual(validPolicies([[policyConstraints(2)], []]), []);
  assert.deepEqual(validPolicies([[policyConstraints(0), policies(A)], [policies(A)]]), [A]);
  refused([[], [policyConstraints(0)]]);
  refused([[policyConstraints(2)], [], []]);
  assert.deepEqual(validPolicies([[policyConstraints(3)], [], []]), []);
});

test("mapped policies are reported in the root's domain", () => {
  const mapping = [[policies(A), mappings([A, B])], [policies(B)]];
  assert.deepEqual(validPolicies(mapping), [A]);
  assert.deepEqual(validPolicies([[policies(A), mappings([A, B])], [policies(A)]]), []);
  assert.deepEqual(validPolicies([[policies(ANY), mappings([A, B])], [policies(B)]]), [A]);
  assert.deepEqual(validPolicies([[policies(A, B), mappings([A, C], [B, C])], [policies(C)]]), [A, B]);
  const required = { requireExplicitPolicy: true };
  assert.deepEqual(validPolicies(mapping, { ...required, policies: [A] }), [A]);
  refused(mapping, { ...required, policies: [B] });
  refused(mapping, { ...required, inhibitPolicyMapping: true });
  // Section 6.1.4 (b) (2): a policy that is mapped while mapping is inhibited is removed, under both names.
  refused([mapping[0], [policies(A)]], { ...required, inhibitPolicyMapping: true });
  refused(
    [[policies(A), policyConstraints(undefined, 0)], [policies(A), mappings([A, B])], [policies(B)]],
    required,
  );
});

test("anyPolicy can be inhibited", () => {
  const required = { requireExplicitPolicy: true };
  refused([[policies(ANY)], [policies(A)]], { ...required, inhibitAnyPolicy: true });
  const inhibit = (count: number) => known("inhibitAnyPolicy", der.integer(count));
  refused([[policies(A), inhibit(0)], [policies(ANY)]], required);
  assert.deepEqual(validPolicies([[policies(A), inhibit(1)], [policies(ANY)]], required), [A]);
  refused([[policies(A), inhibit(1)], [policies(ANY)], [policies(ANY)]], required);
});

test("policies that map to each other many times have one node each", () => {
  const many = Array.from({ length: 40 }, (_, i) => `1.2.3.${i}`);
  const all = many.flatMap((from) => many.map((to) => [from, to] as const));
  const ca = [policies(...many), mappings(...all)];
  assert.deepEqual(validPolicies([ca, ca, ca, ca, ca, [policies(A)]]), many);
});

test("anyPolicy is never mapped, and no policy is repeated", () => {
  assert.throws(
    () => makeCa({ subject: "CN=x", issuer: "CN=x", extensions: [mappings([A, ANY])] }),
    /anyPolicy/,
  );
  assert.throws(() => makeCa({ subject: "CN=x", issuer: "CN=x", extensions: [policies(A, A)] }), /twice/);
});
