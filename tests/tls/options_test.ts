/** The options of `connectTls` and `acceptTls` from plain JavaScript, and the contents of server_name. */
import { acceptTls, type AcceptTlsOptions, connectTls, type ConnectTlsOptions } from "../../src/tls/mod.ts";
import { memoryPair } from "../../src/transport/memory.ts";
import { rsa2048 } from "../_kit/keys.ts";
import { assert, test } from "../_kit/mod.ts";
import { root, serverCertificate } from "../_kit/pki.ts";
import { oneSided } from "../_kit/replay.ts";

const credentials = [{ key: rsa2048, certificates: [serverCertificate(rsa2048)] }];
const roots = [root.certificate];

test("tls: server_name is the host name without a dot at its end, and no IP address", async () => {
  for (
    const [serverName, sent] of [
      ["localhost", "localhost"],
      ["localhost.", "localhost"],
      ["127.0.0.1", undefined],
      ["[::1]", undefined],
      ["fe80::1%eth0", undefined],
    ]
  ) {
    const [near, far] = memoryPair();
    const [client, server] = await Promise.all([
      connectTls(near, { verifyPeer: () => {}, serverName }),
      acceptTls(far, { credentials }),
    ]);
    assert.equal(server.info.serverName, sent);
    await Promise.all([client.close(), server.close()]);
  }
});

test("tls: the certificate is for the name with a dot at its end, too", async () => {
  const [near, far] = memoryPair();
  const [client, server] = await Promise.all([
    connectTls(near, { roots, serverName: "localhost." }),
    acceptTls(far, { credentials }),
  ]);
  await Promise.all([client.close(), server.close()]);
});

test("tls: an invalid host name is a TypeError that says what to write", async () => {
  for (
    const [serverName, message] of [
      ["https://a.example/", /^serverName: .*: use "a\.example"$/],
      ["a.example:443", /^serverName: .*: use "a\.example"$/],
      ["bücher.example", /^serverName: .*: use "xn--bcher-kva\.example"$/],
      ["a b", /^serverName: /],
      ["", /^serverName: /],
      ["1.2.3", /^serverName: /],
      ["x".repeat(64), /^serverName: /],
    ] as const
  ) {
    await assert.rejects(connectTls(oneSided([]), { roots, serverName }), { name: "TypeError", message });
  }
});

test("tls: an option of the wrong type is a TypeError that names it", async () => {
  const connecting: [Record<string, unknown>, RegExp][] = [
    [{ serverName: 5 }, /^serverName must be a DNS name or an IP address, not a number$/],
    [{ suites: "TLS_AES_256_GCM_SHA384" }, /^suites must be a list/],
    [{ groups: [5] }, /^groups must be a list/],
    [{ alpnProtocols: "h2" }, /^alpnProtocols must be a list of strings, not a string$/],
    [{ certificateTypes: ["X509"] }, /^certificateTypes must be a list/],
    [{ minimumKeyBits: "2048" }, /^minimumKeyBits must be a number/],
    [{ roots: "-----BEGIN CERTIFICATE-----" }, /^roots must be a list of parsed certificates, not a string$/],
    [{ verifyPeer: true }, /^verifyPeer must be a function/],
    [{ credentials: "key" }, /^credentials must be an object/],
    [{ credentials: {} }, /^credentials\.key must be a private key, not undefined$/],
    [{ credentials: { key: "PEM" } }, /^credentials\.key must be a private key, not a string$/],
    [{ now: "2026-01-01" }, /^now must be a Date/],
    [{ signal: 5 }, /^signal must be an AbortSignal/],
    [{ keyLog: "keys.txt" }, /^keyLog must be a function/],
  ];
  for (const [option, message] of connecting) {
    const options = { roots, serverName: "localhost", ...option } as ConnectTlsOptions;
    await assert.rejects(connectTls(oneSided([]), options), { name: "TypeError", message });
  }
  const accepting: [Record<string, unknown>, RegExp][] = [
    [{ credentials: undefined }, /^credentials must be a list of credentials, not undefined$/],
    [{ credentials: credentials[0] }, /^credentials must be a list of credentials, not an object$/],
    [{ credentials: [5] }, /^credentials\[0\] must be an object/],
    [{ credentials: [{ ...credentials[0], ocspResponse: "x" }] }, /^credentials\[0\]\.ocspResponse must be/],
    [{ clientAuthentication: true }, /^clientAuthentication must be an object/],
    [{ clientAuthentication: {} }, /^clientAuthentication\.verifyPeer must be a function, not undefined$/],
    [
      { clientAuthentication: { verifyPeer: () => {}, required: 1 } },
      /^clientAuthentication\.required must be true or false/,
    ],
    [{ handshakeTimeout: "1s" }, /^handshakeTimeout must be a number/],
  ];
  for (const [option, message] of accepting) {
    const options = { credentials, ...option } as AcceptTlsOptions;
    await assert.rejects(acceptTls(oneSided([]), options), { name: "TypeError", message });
  }
  for (const options of [undefined, null, 5, []] as unknown as ConnectTlsOptions[]) {
    await assert.rejects(connectTls(oneSided([]), options), /^TypeError: options must be an object/);
  }
});
