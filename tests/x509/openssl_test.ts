/** A PKI that OpenSSL made, with every type of key. Compares the verdicts of OpenSSL and this library. */

import {
  type Certificate,
  CertificateError,
  parseCertificate,
  parseOcspResponse,
  parseRevocationList,
  verifyCertificate,
  type VerifyOptions,
} from "../../src/x509/mod.ts";
import { assert, test } from "../_kit/mod.ts";
import { OpenSsl } from "../_kit/openssl.ts";

const CONFIG = `
[ca]
default_ca = authority
[authority]
database = index.txt
new_certs_dir = .
serial = serial
crlnumber = crlnumber
default_md = sha256
default_days = 30
default_crl_days = 7
policy = policy
unique_subject = no
[policy]
commonName = supplied
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
nameConstraints = critical,permitted;DNS:example,permitted;IP:192.0.2.0/255.255.255.0,excluded;email:evil.example
[server]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature,keyEncipherment
extendedKeyUsage = serverAuth
subjectAltName = DNS:host.example,DNS:*.wild.example,IP:192.0.2.7,URI:https://host.example/,email:a@host.example
authorityKeyIdentifier = keyid,issuer
certificatePolicies = 1.2.3.4,@policies
crlDistributionPoints = URI:http://host.example/crl
authorityInfoAccess = OCSP;URI:http://host.example/ocsp
tlsfeature = status_request
[policies]
policyIdentifier = 1.2.3.5
CPS.1 = http://host.example/cps
userNotice.1 = @notice
[notice]
explicitText = "text"
[responder]
extendedKeyUsage = OCSPSigning
`;

/** A root, and its certificates: a good server, a revoked server, and an OCSP responder. */
function makePki(openssl: OpenSsl, keyOptions: string, signOptions = ""): void {
  openssl.write("ca.cnf", CONFIG);
  openssl.write("index.txt", "");
  openssl.write("serial", "1000");
  openssl.write("crlnumber", "01");
  const sign = signOptions === "" ? [] : signOptions.split(" ");
  openssl.run(`genpkey -out root.key ${keyOptions}`);
  openssl.run(
    "req -x509 -new -key root.key -subj /CN=Root -days 60 -config ca.cnf -extensions root -out root.pem",
    ...sign,
  );
  for (const [name, section] of [["good", "server"], ["bad", "server"], ["responder", "responder"]]) {
    openssl.run(`genpkey -out ${name}.key ${keyOptions}`);
    openssl.run(`req -new -key ${name}.key -subj /CN=${name} -config ca.cnf -out ${name}.csr`, ...sign);
    openssl.run(
      `ca -batch -notext -config ca.cnf -cert root.pem -keyfile root.key -extensions ${section} -in ${name}.csr -out ${name}.pem`,
      ...sign,
    );
  }
  openssl.run("ca -config ca.cnf -cert root.pem -keyfile root.key -revoke bad.pem -crl_reason keyCompromise");
  openssl.run("ca -config ca.cnf -cert root.pem -keyfile root.key -gencrl -out list.pem", ...sign);
}

function isRevoked(server: Certificate, options: VerifyOptions): boolean {
  try {
    verifyCertificate([server], options);
    return false;
  } catch (error) {
    if (error instanceof CertificateError && error.reason === "revoked") return true;
    throw error;
  }
}

const KINDS: readonly (readonly [name: string, key: string, sign?: string])[] = [
  ["RSA", "-algorithm RSA -pkeyopt rsa_keygen_bits:2048"],
  [
    "RSA with PSS",
    "-algorithm RSA -pkeyopt rsa_keygen_bits:2048",
    "-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32",
  ],
  ["P-256", "-algorithm EC -pkeyopt ec_paramgen_curve:P-256"],
  ["P-384", "-algorithm EC -pkeyopt ec_paramgen_curve:P-384"],
  ["P-521", "-algorithm EC -pkeyopt ec_paramgen_curve:P-521"],
];

for (const [name, key, sign] of KINDS) {
  test(
    `what OpenSSL issues with ${name} is verified, and its revocations count`,
    { needs: ["openssl"] },
    () => {
      using openssl = new OpenSsl();
      makePki(openssl, key, sign);
      const root = parseCertificate(openssl.text("root.pem"));
      const [good, bad] = ["good", "bad"].map((file) => parseCertificate(openssl.text(`${file}.pem`)));
      const roots = [root];
      for (const serverName of ["host.example", "a.wild.example", "192.0.2.7"]) {
        const path = verifyCertificate([good], { roots, serverName, policies: ["1.2.3.4"] });
        assert.deepEqual(path.certificates, [good, root]);
        assert.deepEqual(path.policies, ["1.2.3.4"]);
      }
      assert.deepEqual(good.extensions.tlsFeature, [5]);
      assert.deepEqual(good.extensions.certificatePolicies, ["1.2.3.4", "1.2.3.5"]);

      const crls = [parseRevocationList(openssl.text("list.pem"))];
      assert.equal(crls[0].find(bad.serialNumber)?.reason, "keyCompromise");
      assert.ok(!isRevoked(good, { roots, crls, revocation: "hard" }));
      assert.ok(isRevoked(bad, { roots, crls }));

      // Responses from the root and from its delegated responder, with names and keys hashed by SHA-1 and SHA-256.
      for (const signer of ["root", "responder"]) {
        for (const [file, hash] of [["good", "sha1"], ["bad", "sha256"]]) {
          openssl.run(
            `ocsp -index index.txt -CA root.pem -rsigner ${signer}.pem -rkey ${signer}.key -${hash} -issuer root.pem -cert ${file}.pem -ndays 3 -respout response.der`,
          );
          const ocspResponses = [parseOcspResponse(openssl.read("response.der"))];
          const server = file === "good" ? good : bad;
          assert.equal(
            isRevoked(server, { roots, ocspResponses, revocation: "hard" }),
            file === "bad",
            `${signer} ${file}`,
          );
        }
      }
    },
  );
}

test("Ed25519: what OpenSSL signs, verifies", { needs: ["openssl"] }, () => {
  using openssl = new OpenSsl();
  openssl.run("genpkey -algorithm ED25519 -out key.pem");
  const san = ["-addext", "subjectAltName=DNS:host.example"];
  openssl.run("req -x509 -new -key key.pem -subj /CN=Root -days 60 -out root.pem");
  openssl.run("req -new -key key.pem -subj /CN=server -out server.csr", ...san);
  openssl.run(
    "x509 -req -in server.csr -CA root.pem -CAkey key.pem -copy_extensions copy -CAcreateserial -out server.pem",
  );
  const [server, root] = ["server", "root"].map((file) => parseCertificate(openssl.text(`${file}.pem`)));
  verifyCertificate([server], { roots: [root], serverName: "host.example" });
});
