import { fromHex, toHex } from "../../src/bytes.ts";
import { sha256, sha384 } from "../../src/crypto/hash.ts";
import { prf } from "../../src/crypto/prf.ts";
import { assert, test } from "../_kit/mod.ts";

/** The vectors that the TLS working group's members agreed on (mailing list, 2009). */
test("prf: the TLS 1.2 vectors for SHA-256 and SHA-384", () => {
  assert.equal(
    toHex(prf(
      sha256,
      fromHex("9bbe436ba940f017b17652849a71db35"),
      "test label",
      fromHex("a0ba9f936cda311827a6f796ffd5198c"),
      100,
    )),
    "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af0fa0" +
      "22f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff70187347b66",
  );
  assert.equal(
    toHex(prf(
      sha384,
      fromHex("b80b733d6ceefcdc71566ea48e5567df"),
      "test label",
      fromHex("cd665cf6a8447dd6ff8b27555edb7465"),
      148,
    )),
    "7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cde9ca0faa60be9fe34f82b1233c9146a0e534" +
      "cb400fed2700884f9dc236f80edd8bfa961144c9e8d792eca722a7b32fc3d416d473ebc2c5fd4abfdad05d9184259b5bf8cd" +
      "4d90fa0d31e2dec479e4f1a26066f2eea9a69236a3e52655c9e9aee691c8f3a26854308d5eaa3be85e0990703d73e56f",
  );
});
