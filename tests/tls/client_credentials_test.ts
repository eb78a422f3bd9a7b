/** Requests for client credentials of each type (RFC 7250), and the extended master secret (RFC 7627). */
import {
  acceptTls,
  type AcceptTlsOptions,
  type CipherSuiteName,
  connectTls,
  type ConnectTlsOptions,
  type TlsConnection,
} from "../../src/tls/mod.ts";
import { decodePeerCredentials, encodeCredentials } from "../../src/tls/tls12/certificates.ts";
import { memoryPair } from "../../src/transport/memory.ts";
import { publicKeyOf } from "../../src/x509/keys/private_key.ts";
import { sign } from "../../src/x509/keys/signature.ts";
import type { SignatureScheme } from "../../src/x509/keys/signature_scheme.ts";
import { rsa2048 } from "../_kit/keys.ts";
import { assert, channelError, test } from "../_kit/mod.ts";
import { clientCertificate, serverCertificate } from "../_kit/pki.ts";

const serverChain = [serverCertificate(rsa2048)];
const credentials = [{ key: rsa2048, certificates: serverChain }];
const certified = { key: rsa2048, certificates: [clientCertificate(rsa2048)] };
const TLS_1_2: readonly CipherSuiteName[] = ["TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"];
const TLS_1_3: readonly CipherSuiteName[] = ["TLS_AES_256_GCM_SHA384"];

async function pair(
  client: Partial<ConnectTlsOptions>,
  server: Partial<AcceptTlsOptions>,
): Promise<readonly [TlsConnection, TlsConnection]> {
  const [near, far] = memoryPair();
  return await Promise.all([
    connectTls(near, { verifyPeer: () => {}, ...client }),
    acceptTls(far, { credentials, ...server }),
  ]);
}

async function end(connections: readonly TlsConnection[]): Promise<void> {
  await Promise.all(connections.map((connection) => connection.close()));
}

test("client credentials: a server that takes raw keys alone never asks for a certificate", async () => {
  for (const suites of [TLS_1_2, TLS_1_3]) {
    const asked: string[] = [];
    const clientAuthentication = {
      verifyPeer: ({ type }: { readonly type: string }) => void asked.push(type),
      certificateTypes: ["raw"],
      required: false,
    } as const;
    const steps: string[] = [];
    const trace = ({ message }: { readonly message: string }) => void steps.push(message);
    const connections = await pair({ suites, credentials: certified, trace }, {
      suites,
      clientAuthentication,
    });
    assert.equal(connections[1].info.peer, undefined);
    assert.ok(!steps.includes("CertificateRequest"));
    await end(connections);

    const raw = await pair({ suites, credentials: { key: rsa2048 } }, { suites, clientAuthentication });
    await end(raw);
    assert.equal(raw[1].info.peer?.type, "raw");
    assert.deepEqual(asked, ["raw"]);

    const [near, far] = memoryPair();
    const [error] = await Promise.all([
      channelError(() =>
        acceptTls(far, {
          suites,
          credentials,
          clientAuthentication: { ...clientAuthentication, required: true },
        })
      ),
      channelError(() => connectTls(near, { suites, verifyPeer: () => {}, credentials: certified })),
    ]);
    assert.equal(error.alert, "unsupported_certificate");
  }
});

test("client credentials: an empty Certificate says that there are none, in either form", () => {
  for (const type of ["raw", "x509"] as const) {
    assert.equal(decodePeerCredentials(type, encodeCredentials(undefined, type)), undefined);
  }
});

test("extended master secret: exporters need it in TLS 1.2, and either side can require it", async () => {
  const plain = await pair({ suites: TLS_1_2, extendedMasterSecret: false }, { suites: TLS_1_2 });
  for (const connection of plain) {
    assert.equal(connection.info.extendedMasterSecret, false);
    const error = await channelError(() => connection.exportKeyingMaterial("EXPERIMENTAL", 32));
    assert.equal(error.code, "unsupported");
  }
  await end(plain);

  for (const suites of [TLS_1_2, TLS_1_3]) {
    const both = await pair({ suites, extendedMasterSecret: "required" }, {
      suites,
      extendedMasterSecret: "required",
    });
    assert.equal(both[0].info.extendedMasterSecret, true);
    assert.equal(both[0].exportKeyingMaterial("EXPERIMENTAL", 32).length, 32);
    await end(both);
  }
  for (
    const [ours, theirs] of [["required", false], [false, "required"]] as const
  ) {
    const [near, far] = memoryPair();
    const errors = await Promise.all([
      channelError(() =>
        connectTls(near, { suites: TLS_1_2, verifyPeer: () => {}, extendedMasterSecret: ours })
      ),
      channelError(() => acceptTls(far, { suites: TLS_1_2, credentials, extendedMasterSecret: theirs })),
    ]);
    assert.deepEqual(errors.map(({ alert }) => alert), ["handshake_failure", "handshake_failure"]);
  }
});

test("client credentials: both ends report missing ones", async () => {
  for (const suites of [TLS_1_2, TLS_1_3]) {
    const [near, far] = memoryPair();
    const [told, refused] = await Promise.all([
      channelError(async () => {
        const connection = await connectTls(near, { verifyPeer: () => {}, suites });
        await connection.readable.getReader().read(); // in TLS 1.3 the client is done before the server is
      }, "alert"),
      channelError(
        () => acceptTls(far, { credentials, suites, clientAuthentication: { verifyPeer: () => {} } }),
        "untrusted",
      ),
    ]);
    assert.match(told.message, /the server asked for this client's certificate or key, and none was sent/);
    assert.equal(refused.message, "the client shows no certificate or key, and this server requires one");
  }
});

test("credentials: a signature from another handshake proves nothing, of either side and in either version", async () => {
  const replayed = {
    publicKey: publicKeyOf(rsa2048),
    sign: (scheme: SignatureScheme, message: Uint8Array) => {
      const other = message.slice();
      other[other.length - 1] ^= 1;
      return Promise.resolve(sign(rsa2048, scheme, other));
    },
  };
  const certificates = [clientCertificate(rsa2048)];
  for (const suites of [TLS_1_2, TLS_1_3]) {
    const verified: string[] = [];
    const verifyPeer = ({ type }: { readonly type: string }) => void verified.push(type);
    const attempts = [
      [{}, { credentials: [{ key: replayed, certificates: serverChain }] }],
      [{ credentials: { key: replayed, certificates } }, { clientAuthentication: { verifyPeer } }],
    ] as const;
    for (const [client, server] of attempts) {
      const [near, far] = memoryPair();
      const connecting = connectTls(near, { suites, verifyPeer: () => {}, ...client })
        .then(({ readable }) => readable.getReader().read()); // in TLS 1.3 a client reads that it is refused
      const accepting = acceptTls(far, { credentials, suites, ...server });
      const errors = await Promise.all([channelError(() => connecting), channelError(() => accepting)]);
      assert.deepEqual(errors.map(({ alert }) => alert), ["decrypt_error", "decrypt_error"], suites[0]);
    }
    assert.deepEqual(verified, []);
  }
});
