import { acceptTls, connectTls, verifyWithRoots } from "../../src/tls/mod.ts";
import type { AcceptTlsOptions, ConnectTlsOptions, Credentials, TlsConnection } from "../../src/tls/mod.ts";
import { fromUtf8, toHex, toUtf8 } from "../../src/bytes.ts";
import { readBytes, sendBytes } from "../_kit/exchange.ts";
import { rsa1024, rsa2048 } from "../_kit/keys.ts";
import { assert, channelError, test } from "../_kit/mod.ts";
import { Files } from "../_kit/files.ts";
import { freePort, PeerProgram, programThatConnects } from "../_kit/peer.ts";
import { clientCertificate, root, serverCertificate, writePki } from "../_kit/pki.ts";
import { RSA_SUITES } from "../_kit/suites.ts";

const credentials: Credentials = { key: rsa2048, certificates: [serverCertificate(rsa2048)] };
const WEAK = "AES256-GCM-SHA384:AES256-SHA:@SECLEVEL=0";

/** Runs s_client with this library's server. */
async function serve<T>(
  flags: readonly string[],
  options: Partial<AcceptTlsOptions>,
  work: (connecting: Promise<TlsConnection>, client: PeerProgram) => Promise<T>,
): Promise<T> {
  const { program, transport } = await programThatConnects((port) => [
    ...["openssl", "s_client", "-connect", `127.0.0.1:${port}`, "-cipher", WEAK, ...flags],
  ]);
  await using client = program;
  return await work(
    acceptTls(transport, { suites: RSA_SUITES, credentials: [credentials], ...options }),
    client,
  );
}

/** Runs this library's client with s_server. */
async function connect<T>(
  flags: readonly string[],
  options: ConnectTlsOptions,
  work: (connecting: Promise<TlsConnection>, server: PeerProgram) => Promise<T>,
): Promise<T> {
  using files = new Files();
  const pki = writePki(files, credentials.certificates![0]);
  const port = await freePort();
  await using server = new PeerProgram([
    ...["openssl", "s_server", "-accept", `127.0.0.1:${port}`, "-naccept", "1", "-CAfile", pki.root],
    ...["-cert", pki.certificate, "-key", pki.key, "-cipher", WEAK, ...flags],
  ]);
  return await work(connectTls(await server.dial(port), options), server);
}

const trusting: ConnectTlsOptions = {
  suites: RSA_SUITES,
  roots: [root.certificate],
  serverName: "localhost",
};

test(
  "openssl: versions below 1.2 are refused, and falling back is noticed",
  { needs: ["openssl"] },
  async () => {
    for (const version of ["-tls1", "-tls1_1"]) {
      for (
        const [flags, alert] of [[[], "protocol_version"], [
          ["-fallback_scsv"],
          "inappropriate_fallback",
        ]] as const
      ) {
        await serve([version, ...flags], {}, async (connecting, client) => {
          const error = await channelError(() => connecting, "not_offered");
          assert.equal(error.alert, alert);
          assert.notEqual(await client.exitCode(), 0);
          assert.match(
            client.errors,
            alert === "protocol_version" ? /alert protocol version/ : /inappropriate fallback/,
          );
        });
      }
    }
    await connect(["-tls1_1"], trusting, async (connecting, server) => {
      assert.equal((await channelError(() => connecting, "not_offered")).alert, "protocol_version");
      await server.exitCode();
      assert.match(server.errors, /protocol version|wrong version/);
    });
  },
);

test("openssl: renegotiation is refused in either role", { needs: ["openssl"] }, async () => {
  await serve(["-tls1_2"], {}, async (connecting, client) => {
    const connection = await connecting;
    client.input("R\n");
    await channelError(() => readBytes(connection.readable, 1));
    assert.notEqual(await client.exitCode(), 0);
    assert.match(client.errors, /no renegotiation/);
  });
  await connect(["-tls1_2"], trusting, async (connecting, server) => {
    const connection = await connecting;
    server.input("r\n");
    await channelError(() => readBytes(connection.readable, 1));
    await server.exitCode();
    assert.match(server.errors, /no renegotiation/);
  });
});

test(
  "openssl: a server without raw public keys is refused before any secret",
  { needs: ["openssl"] },
  async () => {
    await connect(
      ["-tls1_2"],
      { suites: RSA_SUITES, certificateTypes: ["raw"], verifyPeer: () => {} },
      async (connecting) => {
        const error = await channelError(() => connecting, "not_offered");
        assert.equal(error.alert, "unsupported_certificate");
      },
    );
  },
);

test(
  "openssl: keys of 1024 bits only if both sides enable them",
  { needs: ["openssl"] },
  async () => {
    const weak: Credentials = { key: rsa1024, certificates: [serverCertificate(rsa1024)] };
    await serve(
      ["-tls1_2", "-quiet"],
      { credentials: [weak], minimumKeyBits: 1024 },
      async (connecting, client) => {
        const connection = await connecting;
        await sendBytes(connection, toUtf8("hello"));
        assert.deepEqual(await client.output(5), toUtf8("hello"));
        await connection.close();
        assert.equal(await client.exitCode(), 0);
      },
    );
  },
);

test("openssl: certificates of clients, in either role", { needs: ["openssl"] }, async () => {
  using files = new Files();
  const certificate = clientCertificate(rsa2048);
  const pki = writePki(files, certificate);
  const verifyPeer = verifyWithRoots([root.certificate], { usage: "client" });
  const flags = ["-tls1_2", "-quiet", "-cert", pki.certificate, "-key", pki.key];
  const credentials: Credentials = { key: rsa2048, certificates: [certificate] };
  const asking = (schemes: string) => [
    ...["-tls1_2", "-quiet", "-Verify", "1", "-verify_return_error", "-client_sigalgs", schemes],
  ];
  // The certificate itself is signed by RSA+SHA256.
  for (const schemes of ["RSA+SHA256", "RSA-PSS+SHA384:RSA+SHA256", "RSA-PSS+SHA256:RSA+SHA512:RSA+SHA256"]) {
    await serve(
      [...flags, "-sigalgs", schemes],
      { clientAuthentication: { verifyPeer } },
      async (connecting, client) => {
        const connection = await connecting;
        assert.equal(connection.info.peer?.type, "x509");
        await connection.close();
        assert.equal(await client.exitCode(), 0);
      },
    );
    await connect(
      asking(schemes),
      { ...trusting, credentials },
      async (connecting, server) => {
        const connection = await connecting;
        await connection.close();
        assert.equal(await server.exitCode(), 0, server.errors);
      },
    );
  }
  // RFC 5246 section 7.4.6: a certificate that is not signed with an accepted scheme is not shown.
  await connect(asking("RSA-PSS+SHA384"), { ...trusting, credentials }, async (connecting, server) => {
    assert.equal((await channelError(() => connecting, "alert")).alert, "handshake_failure");
    await server.exitCode();
  });
  await serve(["-tls1_2", "-quiet"], { clientAuthentication: { verifyPeer } }, async (connecting, client) => {
    assert.equal((await channelError(() => connecting)).alert, "handshake_failure");
    await client.exitCode();
  });
});

test("openssl: exported keying material is the same, and needs the extended master secret", {
  needs: ["openssl"],
}, async () => {
  const label = "EXPERIMENTAL fesa";
  const flags = ["-tls1_2", "-ign_eof", "-keymatexport", label, "-keymatexportlen", "48"];
  await serve(flags, {}, async (connecting, client) => {
    const connection = await connecting;
    const exported = toHex(connection.exportKeyingMaterial(label, 48)).toUpperCase();
    await connection.close();
    assert.ok(fromUtf8(await client.output()).includes(exported));
  });
  await serve(flags, { extendedMasterSecret: false }, async (connecting, client) => {
    const connection = await connecting;
    await channelError(() => connection.exportKeyingMaterial(label, 48), "unsupported");
    await connection.close();
    await client.output();
  });
});
