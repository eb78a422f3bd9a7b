import {
  AcmeError,
  HttpChallenges,
  obtainCertificate,
  type ObtainOptions,
  renewalTime,
  TlsAlpnChallenges,
} from "../../src/acme/mod.ts";
import { certificateId } from "../../src/acme/renewal.ts";
import { fromHex, toBase64Url, toUtf8 } from "../../src/bytes.ts";
import { sha256 } from "../../src/crypto/hash.ts";
import { hmac } from "../../src/crypto/hmac.ts";
import { generateEcKey } from "../../src/crypto/ec/keys.ts";
import { type Certificate, createSelfSignedCertificate, matchesName } from "../../src/x509/mod.ts";
import { accept, connect } from "../../mod.ts";
import { connectTls, type PeerCertificates } from "../../src/tls/mod.ts";
import { memoryPair } from "../../src/transport/memory.ts";
import { rsa2048 } from "../_kit/keys.ts";
import { root, serverCertificate } from "../_kit/pki.ts";
import { assert, channelError, test } from "../_kit/mod.ts";
import { type Faults, TestCa, type TestCaOptions } from "./_ca.ts";

const accountKey = generateEcKey("P-256");

async function obtain(
  options: Partial<ObtainOptions> = {},
  caOptions: Partial<TestCaOptions> = {},
): Promise<{ ca: TestCa; chain: readonly Certificate[]; challenges: HttpChallenges }> {
  const challenges = new HttpChallenges();
  const ca = await TestCa.make({ look: (path) => challenges.answer(path), ...caOptions });
  const chain = await obtainCertificate({
    directory: ca.directory,
    fetch: ca.fetch,
    accountKey,
    agreeToTerms: true,
    domains: ["server.example", "www.server.example"],
    key: rsa2048,
    solver: challenges,
    ...options,
  });
  return { ca, chain, challenges };
}

async function refusal(
  options: Partial<ObtainOptions>,
  ca: Partial<TestCaOptions>,
): Promise<AcmeError> {
  const error = await channelError(() => obtain(options, ca), "acme");
  assert.ok(error instanceof AcmeError);
  return error;
}

const once = (response: () => Response) => {
  let used = false;
  return () => used ? undefined : (used = true, response());
};

const problem = (type: string, status: number, headers: Record<string, string> = {}) => () =>
  Response.json({ type: `urn:ietf:params:acme:error:${type}`, detail: "because" }, { status, headers });

test("acme: a certificate for the names asked for, by http-01", async () => {
  const { ca, chain, challenges } = await obtain();
  assert.equal(chain.length, 2);
  assert.ok(matchesName(chain[0], "www.server.example"));
  assert.equal(
    challenges.answer(`/.well-known/acme-challenge/${"t".repeat(30)}0`),
    undefined,
    "it is withdrawn",
  );
  assert.deepEqual(ca.requests.slice(0, 4), ["/directory", "/nonce", "/account", "/order"]);
});

test("acme: a nonce that is not accepted is replaced, five times at most", async () => {
  await obtain({}, { faults: { "/order": once(problem("badNonce", 400)) } });
  const { type } = await refusal({}, { faults: { "/order": problem("badNonce", 400) } });
  assert.equal(type, "badNonce");
});

test("acme: a refusal has its type, its reason and when to try again", async () => {
  const limited = problem("rateLimited", 429, { "retry-after": "120" });
  const error = await refusal({}, { faults: { "/order": limited } });
  assert.equal(error.type, "rateLimited");
  assert.equal(error.status, 429);
  assert.match(error.message, /rateLimited: because/);
  const seconds = (error.retryAfter!.getTime() - Date.now()) / 1000;
  assert.ok(seconds > 60 && seconds <= 120);
});

test("acme: a name that is not controlled ends with the CA's reason, in one line", async () => {
  const error = await refusal({}, { look: () => "something else" });
  assert.equal(error.type, "unauthorized");
  assert.match(error.message, /nobody answers at the name$/);
});

test("acme: a challenge that the CA does not offer is named", async () => {
  const solver = { type: "tls-alpn-01" as never, present: () => {}, withdraw: () => {} };
  const error = await refusal({ solver }, {});
  assert.match(
    error.message,
    /for server\.example the CA offers no tls-alpn-01 challenge, but dns-01, http-01/,
  );
});

test("acme: a certificate of other names is refused", async () => {
  const error = await refusal({}, { certify: ["server.example"] });
  assert.match(error.message, /not for www\.server\.example/);
});

test("acme: wildcards are asked for with their star", async () => {
  const { chain } = await obtain({ domains: ["*.server.example"] });
  assert.ok(matchesName(chain[0], "a.server.example"));
});

test("acme: every invalid answer is one error of this library", async () => {
  const endless = () => new Response(new ReadableStream({ pull: (c) => c.enqueue(new Uint8Array(2 ** 16)) }));
  const answers: Record<string, () => Response> = {
    html: () => new Response("<html>"),
    list: () => Response.json([]),
    nothing: () => Response.json(null),
    empty: () => Response.json({}),
    types: () => Response.json({ status: 5, authorizations: 7, newNonce: [], newOrder: {} }),
    bytes: () => new Response(Uint8Array.of(0xff, 0xfe)),
    endless,
    error: () => new Response("down", { status: 500 }),
    http: () => Response.json({ newNonce: "http://ca.example/nonce", newAccount: "x", newOrder: "y" }),
  };
  const paths = [
    "/directory",
    "/account",
    "/order",
    "/order/1",
    "/authorization/0",
    "/finalize",
    "/certificate",
  ];
  for (const path of paths) {
    for (const [name, answer] of Object.entries(answers)) {
      if (path === "/account" || (path === "/finalize" && !["error", "bytes", "endless"].includes(name))) {
        continue;
      }
      const faults: Faults = { [path]: answer };
      const error = await obtain({}, { faults }).then(() => undefined, (error) => error);
      assert.ok(error?.name === "AcmeError" || error?.name === "ChannelError", `${path} ${name}: ${error}`);
    }
  }
});

test("acme: a token that could leave its folder is refused", async () => {
  const faults: Faults = {
    "/authorization/0": () =>
      Response.json({
        status: "pending",
        identifier: { type: "dns", value: "server.example" },
        challenges: [{
          type: "http-01",
          url: "https://ca.example/challenge/0",
          token: "../../../../etc/passwd-x",
        }],
      }),
  };
  assert.match((await refusal({}, { faults })).message, /no usable token/);
});

test("acme: control of a name that was not ordered is never proved", async () => {
  const faults: Faults = {
    "/authorization/0": () =>
      Response.json({
        status: "pending",
        identifier: { type: "dns", value: "other.example" },
        challenges: [{ type: "http-01", url: "https://ca.example/x", token: "A".repeat(43) }],
      }),
  };
  assert.match((await refusal({}, { faults })).message, /was not ordered/);
});

test("acme: subproblems are read, and those of subproblems are not", async () => {
  const subproblems = [{ detail: "of this", subproblems: [{ detail: "of that" }] }];
  const faults: Faults = {
    "/order": () => Response.json({ detail: "because", subproblems }, { status: 400 }),
  };
  assert.match((await refusal({}, { faults })).message, /because; of this$/);
});

test("acme: terms are agreed to explicitly, and an external account is given where the CA asks for one", async () => {
  await assert.rejects(
    obtain({ agreeToTerms: false }),
    /agreeToTerms must be true: read https:\/\/ca\.example\/terms/,
  );
  const meta = { externalAccountRequired: true };
  await assert.rejects(obtain({}, { meta }), { name: "TypeError", message: /externalAccount is missing/ });
  const externalAccount = { keyId: "kid-1", macKey: toUtf8("secret") };
  const { ca } = await obtain({ externalAccount }, { meta });
  const { protected: head, payload, signature } = ca.binding!;
  assert.equal(signature, toBase64Url(hmac(sha256, externalAccount.macKey, toUtf8(`${head}.${payload}`))));
});

test("acme: a signal and a time limit end it", async () => {
  const slow: Faults = { "/order/1": () => Response.json({ status: "processing" }) };
  await channelError(() => obtain({ timeout: 50 }, { faults: slow }), "timeout");
  await channelError(() => obtain({ signal: AbortSignal.timeout(50) }, { faults: slow }), "aborted");
  await channelError(() => obtain({ signal: AbortSignal.abort() }), "aborted");
});

test("acme: wrong options are refused before anything is sent", async () => {
  const fetch = () => assert.fail("something was sent");
  for (
    const [options, name] of [
      [{ domains: [] }, "domains"],
      [{ accountKey: generateEcKey("P-384") }, "accountKey"],
      [{ accountKey: rsa2048 as never }, "accountKey"],
      [{ directory: "not a url" }, "directory"],
    ] as const
  ) {
    await assert.rejects(obtain({ fetch, ...options }), { name: "TypeError", message: new RegExp(name) });
  }
  await assert.rejects(obtain({ fetch, timeout: -1 }), RangeError);
});

test("acme: RFC 9773's certificate identifier, and the time to renew", async () => {
  const keyIdentifier = fromHex("69885b6b87464041e1b37b847ba0ae2cde01c8d4");
  const certificate = {
    extensions: { authorityKeyIdentifier: { keyIdentifier } },
    serialNumber: fromHex("0087654321"),
  };
  assert.equal(certificateId(certificate as never), "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE");

  const own = createSelfSignedCertificate(rsa2048, { subject: "CN=a", names: ["a.example"], days: 90 });
  const window = { start: "2030-01-02T00:00:00Z", end: "2030-01-03T00:00:00Z" };
  const faults: Faults = {
    [`/renewal/${certificateId(own)}`]: () =>
      Response.json({ suggestedWindow: window }, { headers: { "retry-after": "21600" } }),
  };
  const ca = await TestCa.make({ look: () => undefined, faults });
  const { at, askAgain } = await renewalTime(
    { directory: ca.directory, accountKey, fetch: ca.fetch },
    own,
  );
  assert.ok(at >= new Date(window.start) && at <= new Date(window.end));
  const hours = (askAgain!.getTime() - Date.now()) / 3_600_000;
  assert.ok(hours > 5.9 && hours <= 6);
});

test("acme: a server shows the answer to tls-alpn-01 only to a CA", async () => {
  const challenges = new TlsAlpnChallenges();
  const own = { setting: "certificate", key: rsa2048, certificates: serverCertificate(rsa2048) } as const;
  const domain = "localhost"; // the server has a certificate for it already
  const challenge = { type: challenges.type, domain, token: "t", keyAuthorization: "t.k", dnsValue: "" };
  await challenges.present(challenge);
  const security = [...challenges.security, own];

  const [near, far] = memoryPair();
  const accepting = channelError(() => accept(far, { security }), "closed");
  let shown: Certificate | undefined;
  const verifyPeer = (peer: unknown) => void (shown = (peer as PeerCertificates).chain[0]);
  const ca = await connectTls(near, { serverName: domain, alpnProtocols: ["acme-tls/1"], verifyPeer });
  assert.equal(ca.info.alpnProtocol, "acme-tls/1");
  assert.equal((await ca.readable.getReader().read()).done, true);
  await ca.close();
  assert.match((await accepting).message, /a CA checked the answer to its challenge/);
  assert.ok(matchesName(shown!, domain));
  const identifier = shown!.allExtensions.find(({ oid }) => oid === "1.3.6.1.5.5.7.1.31");
  assert.deepEqual([identifier?.critical, identifier?.value.subarray(2)], [true, sha256(toUtf8("t.k"))]);

  const channels = memoryPair();
  const client = { setting: "certificate", roots: root.certificate, serverName: domain } as const;
  const pair = await Promise.all([
    connect(channels[0], { security: client }),
    accept(channels[1], { security }),
  ]);
  await Promise.all(pair.map((channel) => channel.close()));

  for (
    const [offers, alpnProtocols] of [[challenges.security, ["fesa/1"]], [[own], ["acme-tls/1"]]] as const
  ) {
    const [client, server] = memoryPair();
    const refused = channelError(() => accept(server, { security: offers }), "not_offered");
    const { alert } = await channelError(() => connectTls(client, { verifyPeer, alpnProtocols }), "alert");
    assert.equal(alert, "no_application_protocol");
    await refused;
  }
  challenges.withdraw(challenge);
  assert.deepEqual(challenges.security, []);
});

test("acme: a certificate by tls-alpn-01", async () => {
  const solver = new TlsAlpnChallenges();
  const look = (path: string) => solver.security.length === 1 ? `${path.split("/").at(-1)}.` : undefined;
  const { chain } = await obtain({ solver }, { look, challenges: ["tls-alpn-01"] });
  assert.ok(matchesName(chain[0], "server.example"));
  assert.deepEqual(solver.security, []);
});
