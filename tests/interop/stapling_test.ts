/** Stapled OCSP responses (RFC 6066 section 8), with OpenSSL and between the two sides of this library. */
import { Buffer } from "node:buffer";
import { writeFileSync } from "node:fs";
import type { CertificateError } from "../../mod.ts";
import { acceptTls, connectTls, verifyWithRoots } from "../../src/tls/mod.ts";
import { memoryPair } from "../../src/transport/memory.ts";
import { rsa2048 } from "../_kit/keys.ts";
import { assert, channelError, test } from "../_kit/mod.ts";
import { Files } from "../_kit/files.ts";
import { freePort, PeerProgram, programThatConnects } from "../_kit/peer.ts";
import { root, serverCertificate, writePki } from "../_kit/pki.ts";
import { makeResponse } from "../x509/_ocsp.ts";
import { RSA_SUITES } from "../_kit/suites.ts";

const certificate = serverCertificate(rsa2048);
const day = 86_400_000;

function response(status: "good" | "revoked"): Uint8Array {
  return makeResponse({
    status,
    certificate,
    issuer: root.certificate,
    signer: root.key,
    thisUpdate: new Date(Date.now() - day).toISOString(),
    nextUpdate: new Date(Date.now() + day).toISOString(),
  });
}

function trusting(revocation: "soft" | "hard"): Parameters<typeof connectTls>[1] {
  return { verifyPeer: verifyWithRoots([root.certificate], { revocation }), serverName: "localhost" };
}

async function attempt(ocspResponse: Uint8Array | undefined, revocation: "soft" | "hard"): Promise<void> {
  const [near, far] = memoryPair();
  const serving = acceptTls(far, {
    credentials: [{ key: rsa2048, certificates: [certificate], ocspResponse }],
  });
  serving.catch(() => {});
  const client = await connectTls(near, trusting(revocation));
  await Promise.all([client.close(), (await serving).close()]);
}

test("stapling: a good response counts, a revoked one refuses, none refuses where one is required", async () => {
  await attempt(response("good"), "hard");
  await attempt(undefined, "soft");
  for (
    const [ocspResponse, revocation, reason] of [
      [response("revoked"), "soft", "revoked"],
      [undefined, "hard", "revocation_unknown"],
    ] as const
  ) {
    const error = await channelError(() => attempt(ocspResponse, revocation), "certificate");
    assert.equal((error as CertificateError).reason, reason);
  }
  const junk = await channelError(() => attempt(new Uint8Array(5), "soft"), "malformed");
  assert.equal(junk.alert, "bad_certificate_status_response");
});

test("stapling: OpenSSL's client reads ours", { needs: ["openssl"] }, async () => {
  const { program, transport } = await programThatConnects((port) => [
    ...["openssl", "s_client", "-connect", `127.0.0.1:${port}`, "-status", "-tls1_2"],
    ...["-cipher", "AES256-GCM-SHA384"],
  ]);
  await using client = program;
  const credentials = { key: rsa2048, certificates: [certificate], ocspResponse: response("good") };
  const server = await acceptTls(transport, { suites: RSA_SUITES, credentials: [credentials] });
  client.endInput();
  await server.close();
  const output = Buffer.from(await client.output()).toString();
  assert.match(output, /OCSP Response Status: successful/);
  assert.match(output, /Cert Status: good/);
});

test("stapling: ours reads that of OpenSSL's server", { needs: ["openssl"] }, async () => {
  for (const status of ["good", "revoked"] as const) {
    using files = new Files();
    const pki = writePki(files, certificate);
    const staple = files.write("response.der", "");
    writeFileSync(staple, response(status));
    const port = await freePort();
    await using server = new PeerProgram([
      ...["openssl", "s_server", "-accept", `127.0.0.1:${port}`, "-naccept", "1"],
      ...["-cert", pki.certificate, "-key", pki.key, "-status_file", staple],
    ]);
    const connecting = connectTls(await server.dial(port), trusting("hard"));
    if (status === "good") await (await connecting).close();
    else assert.equal((await channelError(() => connecting) as CertificateError).reason, "revoked");
  }
});
