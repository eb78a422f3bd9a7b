import { assert, channelError, test } from "../_kit/mod.ts";
import { OpenSsl } from "../_kit/openssl.ts";
import { root, serverCertificate } from "../_kit/pki.ts";
import { rsa2048 } from "../_kit/keys.ts";
import { der, encodePem } from "../../src/asn1/mod.ts";
import { parseCertificates } from "../../src/x509/mod.ts";

const chain = [serverCertificate(rsa2048), root.certificate];
const pems = chain.map(({ pem }) => pem);

test("pkcs7: bundles that OpenSSL writes, PEM and DER", { needs: ["openssl"] }, () => {
  using openssl = new OpenSsl();
  openssl.write("chain.pem", pems.join(""));
  openssl.run("crl2pkcs7 -nocrl -certfile chain.pem -out bundle.p7b");
  const sorted = (certificates: readonly { readonly pem: string }[]) =>
    certificates.map(({ pem }) => pem).sort();
  assert.deepEqual(sorted(parseCertificates(openssl.text("bundle.p7b"))), sorted(chain));
  openssl.run("crl2pkcs7 -nocrl -certfile chain.pem -outform DER -out bundle.p7b");
  assert.deepEqual(sorted(parseCertificates(openssl.read("bundle.p7b"))), sorted(chain));
  openssl.run("crl2pkcs7 -nocrl -out bundle.p7b -certfile chain.pem");
  const both = pems[0] + openssl.text("bundle.p7b");
  assert.equal(parseCertificates(both).length, 3);
});

test("pkcs7: anything but a certificate bundle is refused", async () => {
  const bundle = (...fields: Uint8Array[]) =>
    der.sequence(
      der.oid("1.2.840.113549.1.7.2"),
      der.explicit(
        0,
        der.sequence(der.integer(1), der.setOf(), der.sequence(der.oid("1.2.840.113549.1.7.1")), ...fields),
      ),
    );
  const certificates = der.element(0xa0, chain[0].der);
  assert.equal(parseCertificates(bundle(certificates, der.setOf()))[0].pem, pems[0]);
  assert.deepEqual(parseCertificates(bundle(der.setOf())), []);
  await channelError(
    () => parseCertificates(bundle(der.element(0xa0, der.sequence()), der.setOf())),
    "malformed",
  );
  const encrypted = der.sequence(der.oid("1.2.840.113549.1.7.3"), der.explicit(0, der.sequence()));
  await channelError(() => parseCertificates(encrypted), "unsupported");
  await channelError(() => parseCertificates(encodePem("PKCS7", encrypted)), "unsupported");
  const whole = bundle(certificates, der.setOf());
  for (let length = 1; length < whole.length; length += 13) {
    await channelError(() => parseCertificates(whole.subarray(0, length)), "malformed");
  }
});
