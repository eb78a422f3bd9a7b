import { finish, finishFairly, type Steps } from "../../src/x509/steps.ts";
import { verifySignature } from "../../src/x509/keys/signature.ts";
import { validateCertificate } from "../../src/x509/path/validation.ts";
import { CertificateError } from "../../src/x509/mod.ts";
import { rsa1024, rsa2048, rsa3072 } from "../_kit/keys.ts";
import { assert, test } from "../_kit/mod.ts";
import { makeCa, makeRoot, makeServer, options } from "./_make.ts";

function* slowly(count: number): Steps<number> {
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    while (performance.now() - start < 1);
    yield;
  }
  return count;
}

// On workerd each request has its own turns.
const SHARING = ["node", "deno", "bun", "chromium", "firefox", "webkit"] as const;

test("steps: all at once, or with other work in between", { on: SHARING }, async () => {
  assert.equal(finish(slowly(3)), 3);
  let others = 0;
  const timer = setInterval(() => others++, 1);
  assert.equal(await finishFairly(slowly(200)), 200);
  clearInterval(timer);
  assert.ok(others > 5, `${others} calls in 200 ms`);
});

/** Returns how many signatures are verified for a chain that is refused for this reason. */
function signaturesFor(chain: Parameters<typeof validateCertificate>[0], reason: string): number {
  let count = 0;
  const check: typeof verifySignature = (...args) => {
    count++;
    return verifySignature(...args);
  };
  const roots = options([makeRoot("CN=Root", rsa2048)], { maximumIntermediates: 20 });
  assert.throws(
    () => finish(validateCertificate(chain, roots, check)),
    (error) => error instanceof CertificateError && error.reason === reason,
  );
  return count;
}

test("a long chain without a certificate from a root costs one signature at most", () => {
  const chain = (top: string) => [
    makeServer({ issuer: "CN=0" }),
    ...Array.from({ length: 14 }, (_, i) => makeCa({ subject: `CN=${i}`, issuer: `CN=${i + 1}` })),
    makeCa({ subject: "CN=14", issuer: top, signer: rsa1024 }),
  ];
  assert.equal(signaturesFor(chain("CN=Nobody"), "no_path"), 0);
  assert.equal(signaturesFor(chain("CN=Root"), "signature"), 1);
});

test("a server's certificate from a root signs nothing below it: two signatures", () => {
  const server = makeServer({ subject: "CN=1", issuer: "CN=Root", key: rsa3072, signer: rsa2048 });
  const below = [
    makeServer({ issuer: "CN=0" }),
    makeCa({ subject: "CN=0", issuer: "CN=1", signer: rsa3072 }),
    server,
  ];
  assert.equal(signaturesFor(below, "not_a_ca"), 2);
});
