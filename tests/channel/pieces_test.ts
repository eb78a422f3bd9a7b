/** Clients load only the modules that they need for their setting and for what occurs in the handshake. */

import * as everything from "../../mod.ts";
import { accept, type Channel, type ChannelOptions, connect, type Transport } from "../../mod.ts";
import * as certificate from "../../src/channel/settings/certificate/mod.ts";
import * as key from "../../src/channel/settings/key/mod.ts";
import * as native from "../../src/channel/settings/native/mod.ts";
import { lazyModule } from "../../src/lazy_module.ts";
import { memoryPair } from "../../src/transport/memory.ts";
import { parseCertificates } from "../../src/x509/mod.ts";
import { assert, channelError, test } from "../_kit/mod.ts";
import { attempt, channelPair, offers, requests, serverKey, serverName } from "./_helpers.ts";

type Connect = (transport: Transport, options: ChannelOptions & { security: never }) => Promise<Channel>;

const clients: Readonly<Record<"certificate" | "key" | "native", Connect>> = {
  certificate: certificate.connect,
  key: key.connect,
  native: native.connect,
};

test("channel: the modules export what they document, and no helpers", () => {
  const errors = ["CertificateError", "ChannelError"];
  const trust = ["firstUse", "memoryPinStore", "pin", "webPinStore"];
  const servers = ["accept", "backoff", "reconnecting", "serve", "serveTransports"];
  const modules: readonly [object, readonly string[]][] = [
    [certificate, []],
    [native, []],
    [key, trust],
    [everything, [...trust, ...servers]],
  ];
  for (const [module, others] of modules) {
    assert.deepEqual(Object.keys(module).sort(), [...errors, "connect", ...others].sort());
  }
});

test("channel: a client of one setting does what connect does, and nothing else", async () => {
  for (const setting of ["certificate", "key", "native"] as const) {
    const [near, far] = memoryPair();
    const [client, server] = await Promise.all([
      clients[setting](near, { security: requests[setting] as never }),
      accept(far, { security: [offers[setting]] }),
    ]);
    assert.equal(client.info.setting, setting);
    await client.send("hello");
    assert.deepEqual(await server.receive(), new TextEncoder().encode("hello"));
    await Promise.all([client.close(), server.close()]);

    const other = setting === "key" ? requests.native : requests.key;
    await assert.rejects(() => clients[setting](memoryPair()[0], { security: other as never }), TypeError);
  }
});

test("channel: a signal that has fired, and a peer that says nothing, end every setting", async () => {
  for (const request of Object.values(requests)) {
    const [gone] = memoryPair();
    await channelError(() => connect(gone, { security: request, signal: AbortSignal.abort() }), "aborted");
    const [silent] = memoryPair();
    await channelError(() => connect(silent, { security: request, handshakeTimeout: 20 }), "timeout");
  }
});

test("channel: a module that cannot be loaded is an error of the transport, not of an argument", async () => {
  const cause = new TypeError("Failed to fetch dynamically imported module");
  const answers = [
    Promise.reject(cause),
    Promise.resolve({ name: "first" }),
    Promise.resolve({ name: "second" }),
  ];
  const module = lazyModule(() => answers.shift()!);
  const error = await channelError(module, "transport");
  assert.equal(error.cause, cause);
  assert.equal((await module()).name, "first");
  assert.equal((await module()).name, "first", "it is loaded once");
});

// A certificate for an RSA key, issued by a CA with an elliptic-curve key. OpenSSL made it; it is valid until 2126.
const EC_ROOT = `-----BEGIN CERTIFICATE-----
MIIBjDCCATGgAwIBAgIUJENWFMwWeMwbLyvGzqlCSUw+zNAwCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHRUMgUm9vdDAgFw0yNjExMjMwNjI5MjFaGA8yMTI2MTAzMDA2
MjkyMVowEjEQMA4GA1UEAwwHRUMgUm9vdDBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABHlrkLjt7TDTeoeDHtty4Mb9genmnGax9dwVlnWZjJAFASEtpiL2skw0hN8W
ANrW7NQgfwYG4wfCZLyxt/Z+memjYzBhMB0GA1UdDgQWBBSOmvPWl2zwIYpo0YsZ
1KkhNMhD3zAfBgNVHSMEGDAWgBSOmvPWl2zwIYpo0YsZ1KkhNMhD3zAPBgNVHRMB
Af8EBTADAQH/MA4GA1UdDwEB/wQEAwICBDAKBggqhkjOPQQDAgNJADBGAiEAwRy1
F2xBRHCsgci/2j3TfNShjkKU1W1PY42jCwQEZFgCIQCMPvxgYqw6hvtRuSoq9f68
vkdoE/DkJGG5nuvO+fk62g==
-----END CERTIFICATE-----`;
const EC_SIGNED = `-----BEGIN CERTIFICATE-----
MIICdDCCAhugAwIBAgIUF9dAy1ldDoQZm2yCgX6EJD/eQ+wwCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHRUMgUm9vdDAgFw0yNjExMjMwNjI5MjFaGA8yMTI2MTAzMDA2
MjkyMVowGTEXMBUGA1UEAwwOc2VydmVyLmV4YW1wbGUwggEiMA0GCSqGSIb3DQEB
AQUAA4IBDwAwggEKAoIBAQC6qK3orBW6hQDXVxABb8EeKR6jMpOTl3iY/eFeGG1E
PsPta0pXefrKUkPRnXH+B+QI2PEXnDs2FDoQv2kRRce8dFsZZ6r2U4TnXcriSL0V
7pqeO+djLuquQYEgK42zKKVEB339xf8ZanNrRfMhPTZLp0JMV0Jg15nCC527HkXE
L/hlG0q85dkwxRdpJqClIHIzmGvrbkdylkXbIF7T1/eI2EHrsM5Zarj6n3cTPD3f
wmqT8F7bjuOT/q0hadJDhgaPd+hRexBvEzBdVHkybtsaKFI5DrhdxHhR0GR0S4ws
hmRHp9ymCv6q8sjx/TSqPdnWttYqOMLg+TuEsS7lgu/hAgMBAAGjezB5MBkGA1Ud
EQQSMBCCDnNlcnZlci5leGFtcGxlMA4GA1UdDwEB/wQEAwIFIDAMBgNVHRMBAf8E
AjAAMB0GA1UdDgQWBBQBtpoAawMQ/MCMpjrPsLl0hFI7HTAfBgNVHSMEGDAWgBSO
mvPWl2zwIYpo0YsZ1KkhNMhD3zAKBggqhkjOPQQDAgNHADBEAiB7YDO58v6e52oB
JWJOyUhcpC1EFYR8CwXolBn/V0ghtQIgMNzb/vruiYVLjDE6i+bZcX0WaVInncGx
hqdsMfge1OQ=
-----END CERTIFICATE-----`;
// Another CA with the same name.
const EC_IMPOSTOR = `-----BEGIN CERTIFICATE-----
MIIBejCCASGgAwIBAgIUJysoZ4zoYiHzdQLS0f8qSq89f/cwCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHRUMgUm9vdDAgFw0yNjExMjMwNjI5MjFaGA8yMTI2MTAzMDA2
MjkyMVowEjEQMA4GA1UEAwwHRUMgUm9vdDBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABLYpKRFInBuYVrdSmsRxZxudkLFukDhlcJPIzD66VPLZ9gmFI852I+qCaVYe
3J/zmc1U+cvVfZydZq4enuTXPFGjUzBRMB0GA1UdDgQWBBTjlzGgm/Sx4W/r+0la
vKOFSWiBrDAfBgNVHSMEGDAWgBTjlzGgm/Sx4W/r+0lavKOFSWiBrDAPBgNVHRMB
Af8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCICpBJQn4RwVLjEbjtM45wyOhYAP/
mX0QiltxXrLusBRhAiB2GCn1JFYsE2h/5ZIkm78BRkLQXytIkW9CK9WBtAc1mQ==
-----END CERTIFICATE-----`;

test("channel: a certificate with an ECDSA signature is verified with what is loaded for it", async () => {
  const keyExchange = "RSA"; // all that this certificate's keyUsage allows
  const offer = { setting: "certificate", keyExchange, key: serverKey, certificates: EC_SIGNED } as const;
  const request = { setting: "certificate", keyExchange, roots: EC_ROOT, serverName } as const;
  const [client, server] = await channelPair(request, offer);
  assert.deepEqual(client.info.peer.certificates?.[0].der, parseCertificates(EC_SIGNED)[0].der);
  await Promise.all([client.close(), server.close()]);

  const [refused] = await attempt({ ...request, roots: EC_IMPOSTOR }, offer);
  assert.equal(refused.status, "rejected");
  assert.equal(refused.status === "rejected" && refused.reason.reason, "no_path");
});
