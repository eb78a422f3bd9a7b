import {
  ChannelError,
  parseCertificate,
  parseRevocationList,
  verifyCertificate,
} from "../../src/x509/mod.ts";
import { assert, ENGINES, test, vectorText } from "../_kit/mod.ts";

/** The part of x509-limbo's test case schema that is used here. */
interface LimboCase {
  readonly id: string;
  readonly validation_kind: "SERVER" | "CLIENT";
  readonly trusted_certs: readonly string[];
  readonly untrusted_intermediates: readonly string[];
  readonly peer_certificate: string;
  readonly validation_time: string | null;
  readonly expected_result: "SUCCESS" | "FAILURE";
  readonly expected_peer_name: { readonly kind: string; readonly value: string } | null;
  readonly max_chain_depth: number | null;
  readonly crls?: readonly string[];
}

/**
 * Cases in which limbo expects a refusal and this library does not refuse. Each is explained in docs/x509-vectors.md;
 * there is none the other way round.
 */
const ACCEPTED = [
  "rfc5280::aki::leaf-missing-aki",
  "rfc5280::nc::permitted-dns-match-noncritical",
  "rfc5280::san::underscore-dns",
  "rfc5280::serial::negative",
  "rfc5280::serial::zero",
  "webpki::aki::root-with-aki-ski-mismatch",
  "webpki::ca-as-leaf",
  "webpki::cn::case-mismatch",
  "webpki::cn::punycode-not-in-san",
  "webpki::cn::utf8-vs-punycode-mismatch",
  "webpki::ee-basicconstraints-ca",
  "webpki::eku::ee-anyeku",
  "webpki::eku::root-has-eku",
  "webpki::forbidden-rsa-not-divisible-by-8-in-root",
  "webpki::san::public-suffix-multi-label-wildcard-san",
  "webpki::san::public-suffix-private-namespace-wildcard-san",
  "webpki::san::san-critical-with-nonempty-subject",
];

function verdict(limbo: LimboCase): "SUCCESS" | "FAILURE" {
  try {
    const chain = [limbo.peer_certificate, ...limbo.untrusted_intermediates].map(parseCertificate);
    const isServer = limbo.validation_kind === "SERVER";
    verifyCertificate(chain, {
      roots: limbo.trusted_certs.map(parseCertificate),
      now: limbo.validation_time === null ? undefined : new Date(limbo.validation_time),
      usage: isServer ? "server" : "client",
      serverName: isServer ? limbo.expected_peer_name?.value : undefined,
      maximumIntermediates: limbo.max_chain_depth ?? undefined,
      crls: limbo.crls?.map(parseRevocationList),
    });
    return "SUCCESS";
  } catch (error) {
    if (error instanceof ChannelError) return "FAILURE";
    throw error;
  }
}

test("x509-limbo: docs/x509-vectors.md has this library's verdicts, compared with other stacks", {
  needs: ["vectors"],
  on: ["node"],
}, async () => {
  const { readFile } = await import("node:fs/promises");
  const page = await readFile(new URL("../../docs/x509-vectors.md", import.meta.url), "utf8");
  const { testcases } = JSON.parse(vectorText("limbo/limbo-dev-ec.json.gz")) as { testcases: LimboCase[] };
  let count = 0;
  for (const [, ids, here] of page.matchAll(/^\| (`[^|]*) \| (accepts|refuses) +\|/gm)) {
    for (const [, id] of ids.matchAll(/`([^`]+)`/g)) {
      const limbo = testcases.find((one) => one.id === id);
      assert.ok(limbo !== undefined, id);
      assert.equal(verdict(limbo) === "SUCCESS" ? "accepts" : "refuses", here, id);
      count++;
    }
  }
  assert.ok(page.includes(`In ${count} cases at least one of them`), String(count));
});

for (const [flavour, count] of [["ec", 598], ["rsa", 589]] as const) {
  test(`x509-limbo, ${flavour}: every verdict but the explained ones`, {
    needs: ["vectors"],
    on: ENGINES,
  }, () => {
    const { testcases } = JSON.parse(vectorText(`limbo/limbo-dev-${flavour}.json.gz`)) as {
      testcases: LimboCase[];
    };
    assert.equal(testcases.length, count);
    const wrong = testcases.filter((limbo) => verdict(limbo) !== limbo.expected_result).map(({ id }) => id);
    assert.deepEqual(wrong.sort(), ACCEPTED);
  });
}
