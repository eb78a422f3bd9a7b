/** signature_algorithms_cert (RFC 8446 section 4.2.3): it is sent, and respected in the choice of credentials. */
import { generateEcKey } from "../../src/crypto/ec/keys.ts";
import { chooseOffer } from "../../src/tls/credentials/offers.ts";
import { CERTIFICATE_SCHEMES } from "../../src/tls/credentials/signature_schemes.ts";
import { clientHello } from "../../src/tls/handshake/client_hello.ts";
import { encodeSignatureSchemes, ExtensionType } from "../../src/tls/handshake/extensions.ts";
import type { ClientHello } from "../../src/tls/handshake/messages.ts";
import { areCertificatesAccepted } from "../../src/tls/credentials/certificate_signatures.ts";
import { settingsOf } from "../../src/tls/options.ts";
import { offersOf } from "../../src/tls/credentials/offers.ts";
import {
  createCertificateAuthority,
  createCertificateRequest,
  createSelfSignedCertificate,
  issueCertificate,
} from "../../src/x509/mod.ts";
import { acceptTls, connectTls, type Credentials } from "../../src/tls/mod.ts";
import { memoryPair } from "../../src/transport/memory.ts";
import { rsa1024, rsa2048 } from "../_kit/keys.ts";
import { assert, channelError, test } from "../_kit/mod.ts";
import { serverCertificate } from "../_kit/pki.ts";
import { fixedRandom } from "../_kit/replay.ts";
import { make } from "../x509/_make.ts";

const RSA_PKCS1_SHA1 = 0x0201;
const RSA_PKCS1_SHA256 = 0x0401;
const ECDSA_SHA384 = 0x0503;

const key = generateEcKey("P-256", fixedRandom(51));
const authority = await createCertificateAuthority({
  subject: "CN=EC root",
  key: generateEcKey("P-384", fixedRandom(52)),
});
const request = createCertificateRequest(key, { subject: "CN=localhost" });
const byRsa: Credentials = { key, certificates: [serverCertificate(key)] };
const byEc: Credentials = {
  key,
  certificates: [issueCertificate(authority, request, { names: ["localhost"] })],
};

function helloWith(schemes: Partial<Record<keyof typeof ExtensionType, readonly number[]>>): ClientHello {
  const { hello } = clientHello(settingsOf({}), { verifyPeer: () => {} });
  const extensions = new Map(hello.extensions);
  extensions.delete(ExtensionType.signatureAlgorithmsCert);
  for (const [name, ids] of Object.entries(schemes)) {
    extensions.set(ExtensionType[name as keyof typeof ExtensionType], encodeSignatureSchemes(ids));
  }
  return { ...hello, extensions };
}

function chosen(hello: ClientHello, serverName?: string): Credentials {
  return chooseOffer(offersOf({ credentials: [byRsa, byEc] }), hello, serverName, new Map()).offer
    .credentials;
}

test("certificate schemes: a client sends all that this library verifies", () => {
  const { hello } = clientHello(settingsOf({}), { verifyPeer: () => {} });
  assert.deepEqual(
    hello.extensions.get(ExtensionType.signatureAlgorithmsCert),
    encodeSignatureSchemes(CERTIFICATE_SCHEMES),
  );
});

test("certificate schemes: a server prefers certificates with signature schemes that the client lists", () => {
  for (const serverName of [undefined, "localhost"]) {
    const choose = (hello: ClientHello) => chosen(hello, serverName).certificates;
    assert.equal(choose(helloWith({})), byRsa.certificates);
    assert.equal(choose(helloWith({ signatureAlgorithmsCert: [RSA_PKCS1_SHA256] })), byRsa.certificates);
    assert.equal(choose(helloWith({ signatureAlgorithmsCert: [ECDSA_SHA384] })), byEc.certificates);
    assert.equal(choose(helloWith({ signatureAlgorithms: [0x0403, ECDSA_SHA384] })), byEc.certificates);
    assert.equal(
      choose(helloWith({ signatureAlgorithms: [ECDSA_SHA384], signatureAlgorithmsCert: [RSA_PKCS1_SHA256] })),
      byRsa.certificates,
      "signature_algorithms is for certificates only where the other is missing",
    );
    assert.equal(
      choose(helloWith({ signatureAlgorithmsCert: [0x0840] })),
      byRsa.certificates,
      "better than none",
    );
  }
});

test("certificate schemes: an empty or malformed list is decode_error", async () => {
  for (const data of [[0, 0], [0, 1, 4], [0, 2, 4, 1, 0], [0, 3, 4, 1, 4], []]) {
    const hello = helloWith({});
    const extensions = new Map(hello.extensions)
      .set(ExtensionType.signatureAlgorithmsCert, Uint8Array.from(data));
    assert.equal((await channelError(() => chosen({ ...hello, extensions }))).alert, "decode_error");
  }
});

test("certificate schemes: every certificate of a chain counts, except self-signed ones", () => {
  const chain = { key, certificates: [...byEc.certificates!, authority.certificate] };
  assert.equal(areCertificatesAccepted(chain, [ECDSA_SHA384]), true);
  assert.equal(areCertificatesAccepted(chain, [RSA_PKCS1_SHA256]), false);
  assert.equal(
    areCertificatesAccepted({ key, certificates: [...byEc.certificates!, ...byRsa.certificates!] }, [
      ECDSA_SHA384,
    ]),
    false,
  );
  assert.equal(areCertificatesAccepted({ key }, []), true);
  const own = createSelfSignedCertificate(rsa2048, { subject: "CN=self" });
  assert.equal(areCertificatesAccepted({ key: rsa2048, certificates: [own] }, []), true);
  const old = make({ subject: "CN=old", issuer: "CN=root", sha1: true });
  assert.equal(areCertificatesAccepted({ key: rsa2048, certificates: [old] }, CERTIFICATE_SCHEMES), false);
  assert.equal(areCertificatesAccepted({ key: rsa2048, certificates: [old] }, [RSA_PKCS1_SHA1]), true);
});

test("certificate schemes: a client shows no certificate with a signature scheme that the server does not list", async () => {
  const signed = (sha1: boolean) => make({ subject: "CN=client", issuer: "CN=root", sha1, key: rsa1024 });
  const versions = [["TLS_AES_256_GCM_SHA384"], ["TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"]] as const;
  for (const suites of versions) {
    for (const sha1 of [false, true]) {
      const [near, far] = memoryPair();
      const common = { suites, minimumKeyBits: 1024 };
      const [client, server] = await Promise.all([
        connectTls(near, {
          ...common,
          verifyPeer: () => {},
          credentials: { key: rsa1024, certificates: [signed(sha1)] },
        }),
        acceptTls(far, {
          ...common,
          credentials: [{ key: rsa2048, certificates: [serverCertificate(rsa2048)] }],
          clientAuthentication: { verifyPeer: () => {}, required: false },
        }),
      ]);
      assert.equal(server.info.peer?.type, sha1 ? undefined : "x509");
      await Promise.all([client.close(), server.close()]);
    }
  }
});
