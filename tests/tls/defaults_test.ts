/** The default offers of client and server, in order. A weaker entry in these lists must be intentional. */
import { CERTIFICATE_SCHEMES, SIGNATURE_SCHEMES } from "../../src/tls/credentials/signature_schemes.ts";
import { clientHello } from "../../src/tls/handshake/client_hello.ts";
import { settingsOf } from "../../src/tls/options.ts";
import { everyAlgorithm, suitesOf } from "../../src/channel/settings/tls/suites.ts";
import { assert, test } from "../_kit/mod.ts";

const ECDHE_OF_AES = [
  "TLS_AES_256_GCM_SHA384",
  "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
];

test("defaults: versions, suites and groups of ./tls, in order", () => {
  const settings = settingsOf({});
  assert.deepEqual([...settings.tls13Suites, ...settings.tls12Suites].map(({ name }) => name), [
    "TLS_AES_256_GCM_SHA384",
    "TLS_AES_128_GCM_SHA256",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
  ]);
  assert.deepEqual(settings.groups.map(({ name }) => name), [
    "X25519MLKEM768",
    "x25519",
    "secp256r1",
    "secp384r1",
    "secp521r1",
  ]);
  const { hello, shares } = clientHello(settings, { verifyPeer: () => {} });
  const [hybrid, classical] = shares.map(({ exchange }) => exchange.share);
  assert.deepEqual(shares.map(({ group }) => group.name), ["X25519MLKEM768", "x25519"]);
  assert.deepEqual([hybrid.length, hybrid.subarray(1184)], [1216, classical]); // RFC 9954 section 3.2
  assert.deepEqual(hello.extensions.get(43), Uint8Array.of(4, 3, 4, 3, 3)); // TLS 1.3, then TLS 1.2
});

test("defaults: signature schemes, in order", () => {
  assert.deepEqual(SIGNATURE_SCHEMES.map(({ id }) => id), CERTIFICATE_SCHEMES);
  assert.deepEqual(SIGNATURE_SCHEMES.map(({ name }) => name), [
    "ecdsa_secp256r1_sha256",
    "ed25519",
    "ecdsa_secp384r1_sha384",
    "ecdsa_secp521r1_sha512",
    "rsa_pss_rsae_sha256",
    "rsa_pss_rsae_sha384",
    "rsa_pss_rsae_sha512",
    "rsa_pss_pss_sha256",
    "rsa_pss_pss_sha384",
    "rsa_pss_pss_sha512",
    "rsa_pkcs1_sha256",
    "rsa_pkcs1_sha384",
    "rsa_pkcs1_sha512",
  ]);
});

test("defaults: suites of the channel, by algorithm and key exchange", () => {
  assert.deepEqual(suitesOf(["AES"]), ECDHE_OF_AES);
  assert.deepEqual(suitesOf(["AES"], "either").slice(0, 3), ECDHE_OF_AES);
  assert.deepEqual(everyAlgorithm(undefined), ["AES", "ChaCha20"]);
  assert.ok(suitesOf(everyAlgorithm("ECDHE"), "ECDHE").every((name) => !name.startsWith("TLS_RSA_")));
  assert.ok(suitesOf(everyAlgorithm("RSA"), "RSA").every((name) => name.startsWith("TLS_RSA_")));
  assert.equal(suitesOf(everyAlgorithm("either"), "either").at(-1), "TLS_RSA_WITH_3DES_EDE_CBC_SHA");
  assert.throws(() => suitesOf(["3DES"]), /3DES needs keyExchange: "RSA"/);
  assert.throws(() => suitesOf(["ChaCha20"], "RSA"), /ChaCha20 needs keyExchange: "ECDHE"/);
  assert.throws(() => suitesOf(["DES" as "AES"]), TypeError);
  assert.throws(() => suitesOf([]), TypeError);
  assert.throws(() => suitesOf(["AES"], "DHE" as "RSA"), TypeError);
});
