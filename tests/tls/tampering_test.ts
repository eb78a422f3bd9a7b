import { concat, pieces } from "../../src/bytes.ts";
import type { CipherSuiteName } from "../../src/tls/cipher_suites.ts";
import { rsa1024 } from "../_kit/keys.ts";
import { assert, ENGINES, test } from "../_kit/mod.ts";
import { root, serverCertificate } from "../_kit/pki.ts";
import {
  CLIENT_DATA,
  type Outcome,
  record,
  type Recording,
  recordsOf,
  replayClient,
  replayServer,
  SERVER_DATA,
} from "../_kit/replay.ts";
import { verifyWithRoots } from "../../src/tls/credentials/roots.ts";
import { RSA_SUITES } from "../_kit/suites.ts";

const certificate = serverCertificate(rsa1024);

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

/** One side of a recording: what it is given, and what it has to make of it. */
interface Side {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly expected: Uint8Array;
  readonly run: (chunks: Iterable<Uint8Array>) => Promise<Outcome>;
}

function sides(recording: Recording): Side[] {
  return [
    {
      name: "client",
      bytes: recording.toClient,
      expected: concat(...SERVER_DATA),
      run: (chunks) => replayClient(recording, chunks),
    },
    {
      name: "server",
      bytes: recording.toServer,
      expected: concat(...CLIENT_DATA),
      run: (chunks) => replayServer(recording, chunks),
    },
  ];
}

/** Where ChangeCipherSpec ends: all records from there on are protected. */
function protectedFrom(bytes: Uint8Array): number {
  return recordsOf(bytes).find(({ type }) => type === 20)!.end;
}

function assertBeginning(data: Uint8Array, expected: Uint8Array, message: string): void {
  assert.deepEqual(data, expected.subarray(0, data.length), message);
}

/** A flipped bit ends in an error, with bad_record_mac wherever a protected fragment is hit. */
async function flip(side: Side, offset: number): Promise<void> {
  const bytes = side.bytes.slice();
  bytes[offset] ^= 1 << offset % 8;
  const { data, error } = await side.run([bytes]);
  const where = `${side.name}, byte ${offset} of ${bytes.length}: ${error}`;
  assert.ok(error !== undefined && data.length < side.expected.length + 1, where);
  assertBeginning(data, side.expected, where);
  if (error.code === "truncated") return; // a length was made larger
  assert.equal(error.direction, "sent", where);
  const start = recordsOf(side.bytes).findLast(({ start }) => start <= offset)!.start;
  if (offset >= protectedFrom(side.bytes) && offset - start >= 5) {
    assert.equal(error.alert, "bad_record_mac", where);
  }
}

test(
  "tls: a flipped bit in any byte of a session ends in one error, on either side",
  { on: ENGINES },
  async () => {
    for (const side of sides(await recorded("TLS_RSA_WITH_AES_256_GCM_SHA384", false))) {
      for (let offset = 0; offset < side.bytes.length; offset++) {
        // RFC 5246 appendix E.1: before the version is settled, a record may say any 3.x.
        if (offset !== 2) await flip(side, offset);
      }
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
      const start = protectedFrom(side.bytes);
      for (let offset = start; offset < side.bytes.length; offset++) await flip(side, offset);
    }
  });
}

test("tls: a session cut off after any byte is truncated, on either side", { on: ENGINES }, async () => {
  for (const side of sides(await recorded("TLS_RSA_WITH_AES_256_GCM_SHA384", false))) {
    for (let length = 0; length < side.bytes.length; length++) {
      const { data, error } = await side.run([side.bytes.subarray(0, length)]);
      assert.equal(error?.code, "truncated", `${side.name}, ${length} bytes: ${error}`);
      assertBeginning(data, side.expected, side.name);
    }
  }
});

test("tls: any cutting of the bytes gives the same result, on either side", { on: ENGINES }, async () => {
  for (const suite of ["TLS_RSA_WITH_AES_256_GCM_SHA384", "TLS_RSA_WITH_AES_256_CBC_SHA"] as const) {
    for (const side of sides(await recorded(suite, true))) {
      const { start } = recordsOf(side.bytes).at(-1)!;
      const spoilt = side.bytes.slice();
      spoilt[start + 10] ^= 1; // all data arrives, then close_notify does not authenticate
      for (const size of [1, 2, 3, 7, 64, 1000, side.bytes.length]) {
        const whole = await side.run(pieces([side.bytes], size));
        assert.deepEqual(whole, { data: side.expected, error: undefined }, `${side.name} by ${size}`);
        const { data, error } = await side.run(pieces([spoilt], size));
        assert.deepEqual([data, error?.alert], [side.expected, "bad_record_mac"], `${side.name} by ${size}`);
      }
    }
  }
});

test("tls: without the extended master secret it is Finished that notices a changed handshake", {
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
  "tls: whatever is wrong with the pre-master secret, the server says the same",
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
  },
);
