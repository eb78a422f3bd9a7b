import { generateEd25519Key } from "../../src/crypto/ec/ed25519.ts";
import { toHex } from "../../src/bytes.ts";
import { tlsOperations } from "../../src/platform/tls_operations.ts";
import type { CipherSuiteName } from "../../src/tls/cipher_suites.ts";
import { receivePremasterSecret } from "../../src/tls/key_exchange/rsa.ts";
import { rsa1024 } from "../_kit/keys.ts";
import { assert, ENGINES, test } from "../_kit/mod.ts";
import { root, serverCertificate } from "../_kit/pki.ts";
import { fixedRandom, record, type Recording, recordsOf, replayServer } from "../_kit/replay.ts";
import {
  assertCutsIgnored,
  assertEndsNoticed,
  assertFlipsNoticed,
  protectedFrom,
  sides,
} from "../_kit/tampering.ts";
import { verifyWithRoots } from "../../src/tls/credentials/roots.ts";
import { RSA_SUITES } from "../_kit/suites.ts";

const certificate = serverCertificate(rsa1024);
const ECDHE: CipherSuiteName = "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256";

function recorded(suite: CipherSuiteName, encryptThenMac: boolean): Promise<Recording> {
  const common = { suites: [suite], encryptThenMac, minimumKeyBits: 1024, alpnProtocols: ["fesa/1"] };
  return record(
    {
      ...common,
      serverName: "localhost",
      verifyPeer: verifyWithRoots([root.certificate], { minimumRsaBits: 1024 }),
    },
    { ...common, credentials: [{ key: rsa1024, certificates: [certificate] }] },
  );
}

/** Options with ECDHE and deterministic signatures. */
const ecdhe = record(
  { suites: [ECDHE], groups: ["x25519"], certificateTypes: ["raw"], verifyPeer: () => {} },
  { suites: [ECDHE], groups: ["x25519"], credentials: [{ key: generateEd25519Key() }] },
);

test(
  "tls: a flipped bit in any byte of a session ends in one error, on either side",
  { on: ENGINES },
  async () => {
    for (const one of [await recorded("TLS_RSA_WITH_AES_256_GCM_SHA384", false), await ecdhe]) {
      for (const side of sides(one)) await assertFlipsNoticed(side);
    }
  },
);

for (
  const [suite, encryptThenMac] of [
    ["TLS_RSA_WITH_AES_256_CBC_SHA256", true],
    ["TLS_RSA_WITH_AES_256_CBC_SHA", false],
    ["TLS_RSA_WITH_3DES_EDE_CBC_SHA", true],
    ["TLS_RSA_WITH_3DES_EDE_CBC_SHA", false],
  ] as const
) {
  test(`tls: a flipped bit in any protected byte, ${suite}, encrypt-then-MAC ${encryptThenMac}`, {
    on: ENGINES,
  }, async () => {
    for (const side of sides(await recorded(suite, encryptThenMac))) {
      await assertFlipsNoticed(side, protectedFrom(side.bytes));
    }
  });
}

test("tls: a session cut off after any byte is truncated, on either side", { on: ENGINES }, async () => {
  for (const one of [await recorded("TLS_RSA_WITH_AES_256_GCM_SHA384", false), await ecdhe]) {
    for (const side of sides(one)) await assertEndsNoticed(side);
  }
});

test("tls: any cutting of the bytes gives the same result, on either side", { on: ENGINES }, async () => {
  const suites = ["TLS_RSA_WITH_AES_256_GCM_SHA384", "TLS_RSA_WITH_AES_256_CBC_SHA"] as const;
  for (const one of [...await Promise.all(suites.map((suite) => recorded(suite, true))), await ecdhe]) {
    for (const side of sides(one)) await assertCutsIgnored(side);
  }
});

test("tls: without the extended master secret, Finished detects a changed handshake", {
  on: ENGINES,
}, async () => {
  const common = { suites: RSA_SUITES, minimumKeyBits: 1024, extendedMasterSecret: false };
  const recording = await record(
    { ...common, verifyPeer: () => {} },
    { ...common, credentials: [{ key: rsa1024, certificates: [certificate] }] },
  );
  const [client, server] = sides(recording);
  const inCertificate = recordsOf(client.bytes)[1].end - 1; // its last byte: the issuer's signature
  const inSchemes = 5 + 4 + 2 + 32 + 1 + 2 + 6 + 2 + 2 + 4 + 2 + 1; // the second byte of signature_algorithms
  for (const [side, offset] of [[client, inCertificate], [server, inSchemes]] as const) {
    const bytes = side.bytes.slice();
    bytes[offset] ^= 1;
    const { data, error } = await side.run([bytes]);
    assert.deepEqual([error?.alert, error?.code, data.length], ["decrypt_error", "decrypt", 0], side.name);
  }
});

test(
  "tls: whatever is wrong with the pre-master secret, the server sends the same alert",
  { on: ENGINES },
  async () => {
    const recording = await recorded("TLS_RSA_WITH_AES_256_GCM_SHA384", false);
    const { start } = recordsOf(recording.toServer)[1]; // ClientKeyExchange
    const changes: ((bytes: Uint8Array) => void)[] = [
      (bytes) => bytes[start + 11] = 0xff, // more than the modulus
      (bytes) => bytes.fill(0, start + 11, start + 11 + 128),
      (bytes) => bytes[start + 100] ^= 1,
    ];
    for (const change of changes) {
      const bytes = recording.toServer.slice();
      change(bytes);
      const { error } = await replayServer(recording, [bytes]);
      assert.deepEqual([error?.alert, error?.code], ["bad_record_mac", "decrypt"]);
    }
    const decryptions: (() => Promise<Uint8Array>)[] = [
      () => Promise.reject(new Error("wrong padding")),
      () => {
        throw new Error("wrong length");
      },
      () => Promise.resolve(new Uint8Array(48)),
      () => Promise.resolve(new Uint8Array(7)),
    ];
    for (const decrypt of decryptions) {
      const key = { publicKey: rsa1024, decrypt, sign: decrypt };
      const server = { ...recording.server, credentials: [{ key, certificates: [certificate] }] };
      const { error } = await replayServer({ ...recording, server }, [recording.toServer]);
      assert.deepEqual([error?.alert, error?.code], ["bad_record_mac", "decrypt"]);
    }

    // What was decrypted elsewhere counts only if it has the length and the version of a pre-master secret.
    const received = async (decrypted: Uint8Array): Promise<string> => {
      const decrypt = () => Promise.resolve(decrypted);
      const key = { publicKey: rsa1024, decrypt, sign: decrypt };
      const body = Uint8Array.of(0, 1, 0);
      const secret = await receivePremasterSecret(
        { key },
        body,
        0x0303,
        fixedRandom(3),
        tlsOperations("pure").rsa,
      );
      assert.equal(secret.length, 48);
      return toHex(secret);
    };
    const right = new Uint8Array(48).fill(3);
    assert.equal(await received(right), toHex(right));
    for (const [at, value] of [[0, 2], [1, 4]]) {
      const wrong = right.slice();
      wrong[at] = value;
      assert.notEqual(await received(wrong), toHex(wrong));
    }
    const substitute = await received(new Uint8Array(0));
    for (const length of [47, 49]) assert.equal(await received(new Uint8Array(length).fill(3)), substitute);
  },
);
