/**
 * The `key` setting with OpenSSL, which does not support raw public keys and receives a self-signed certificate for the same
 * key.
 */
import { accept, connect, pin } from "../../mod.ts";
import { fromUtf8 } from "../../src/bytes.ts";
import { createSelfSignedCertificate } from "../../src/x509/mod.ts";
import { rsa1024, rsa2048 } from "../_kit/keys.ts";
import { assert, channelError, test } from "../_kit/mod.ts";
import { Files } from "../_kit/files.ts";
import { freePort, PeerProgram, programThatConnects } from "../_kit/peer.ts";
import { writePki } from "../_kit/pki.ts";

for (const [bits, key] of [[2048, rsa2048], [1024, rsa1024]] as const) {
  const selfSigned = createSelfSignedCertificate(key, { subject: "CN=whoever", allowWeak: true });
  const ordinary = {
    setting: "key",
    keyExchange: "RSA",
    ordinaryPeers: true,
    minimumKeyBits: bits,
  } as const;
  const cipher = "AES256-GCM-SHA384:@SECLEVEL=0";

  test(
    `key: OpenSSL's client takes our ${bits}-bit key in a self-signed certificate`,
    { needs: ["openssl"] },
    async () => {
      const { program, transport } = await programThatConnects((port) => [
        ...["openssl", "s_client", "-connect", `127.0.0.1:${port}`, "-tls1_2", "-quiet", "-cipher", cipher],
      ]);
      await using client = program;
      const server = await accept(transport, { security: [{ ...ordinary, key }] });
      assert.equal(server.info.framing, "none");
      client.input("hello\n");
      assert.equal(fromUtf8((await server.receive())!), "hello\n");
      await server.send("there\n");
      assert.equal(fromUtf8(await client.output(6)), "there\n");
      await server.close();
    },
  );

  test(`key: our client pins a ${bits}-bit key of OpenSSL's server`, { needs: ["openssl"] }, async () => {
    for (const trusted of [true, false]) {
      using files = new Files();
      const pki = writePki(files, selfSigned, key);
      const port = await freePort();
      await using server = new PeerProgram([
        ...["openssl", "s_server", "-accept", `127.0.0.1:${port}`, "-naccept", "1", "-tls1_2", "-quiet"],
        ...["-cert", pki.certificate, "-key", pki.key, "-cipher", cipher],
      ]);
      const trust = pin(trusted ? selfSigned.pin : `sha256:${"A".repeat(43)}=`);
      const connecting = connect(await server.dial(port), { security: { ...ordinary, trust } });
      if (!trusted) {
        await channelError(() => connecting, "untrusted");
        continue;
      }
      const client = await connecting;
      assert.equal(client.info.peer.pin, selfSigned.pin);
      await client.send("hello\n");
      assert.equal(fromUtf8(await server.output(6)), "hello\n");
      await client.close();
    }
  });
}
