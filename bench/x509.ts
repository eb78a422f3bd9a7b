/**
 * A chain of three RSA-2048 certificates, parsed from DER and verified, compared with @peculiar/x509, pkijs, node-forge, and
 * node:crypto's X509Certificate. The first two hand signatures to WebCrypto, which is OpenSSL's C; node-forge is
 * JavaScript throughout, as we are.
 */
import "reflect-metadata";
import { Buffer } from "node:buffer";
import { X509Certificate as NodeCertificate } from "node:crypto";
import { createRequire } from "node:module";
import { X509Certificate as PeculiarCertificate } from "@peculiar/x509";
import { Certificate as PkijsCertificate, CertificateChainValidationEngine } from "pkijs";
import { type Case, compare } from "./_kit.ts";
import { generateKeyPair, verifyPkcs1 } from "../src/crypto/rsa/mod.ts";
import {
  createCertificateAuthority,
  createCertificateRequest,
  issueCertificate,
  parseCertificate,
  verifyCertificate,
} from "../src/x509/mod.ts";

export const name = "X.509: three certificates, RSA-2048";

export async function run(): Promise<void> {
  const chain = await makeChain();
  const [server, ca, root] = chain.map(parseCertificate);
  const key = root.publicKey as Extract<typeof root.publicKey, { type: "rsa" }>;
  console.log("  parse three, verify the chain");
  const cases = {
    "ours": ours(chain),
    "@peculiar/x509": peculiar(chain),
    "pkijs": pkijs(chain),
    "node-forge": forge(chain),
    "node:crypto": node(chain),
  };
  for (const check of Object.values(cases)) await check(); // each throws if it does not verify
  await compare(cases);
  console.log("  what ours is made of");
  await compare({
    "all": ours(chain),
    "parse three": () => void chain.map(parseCertificate),
    "verify the chain": () =>
      void verifyCertificate([server, ca], { roots: [root], serverName: "host.example" }),
    "two signatures": () => {
      verifyPkcs1(key, "SHA-256", server.tbs, server.signature);
      verifyPkcs1(key, "SHA-256", ca.tbs, ca.signature);
    },
  });
}

/** A server's certificate, its CA's, and the root's, in DER. */
async function makeChain(): Promise<Uint8Array[]> {
  const [rootKey, caKey, serverKey] = await Promise.all([1, 2, 3].map(() => generateKeyPair({ bits: 2048 })));
  const root = await createCertificateAuthority({ subject: "CN=Root,O=Bench", key: rootKey.privateKey });
  const caRequest = createCertificateRequest(caKey.privateKey, { subject: "CN=CA,O=Bench" });
  const ca = issueCertificate(root, caRequest, { profile: "ca" });
  const request = createCertificateRequest(serverKey.privateKey, {
    subject: "CN=host.example",
    names: ["host.example"],
  });
  const server = issueCertificate({ certificate: ca, key: caKey.privateKey }, request, { profile: "server" });
  return [server.der, ca.der, root.certificate.der];
}

function ours(chain: readonly Uint8Array[]): Case {
  return () => {
    const [server, ca, root] = chain.map(parseCertificate);
    verifyCertificate([server, ca], { roots: [root], serverName: "host.example" });
  };
}

function peculiar(chain: readonly Uint8Array[]): Case {
  return async () => {
    const [server, ca, root] = chain.map((der) => new PeculiarCertificate(der.slice().buffer));
    const isValid = await server.verify({ publicKey: ca.publicKey }) &&
      await ca.verify({ publicKey: root.publicKey });
    if (!isValid) throw new Error("@peculiar/x509 refuses");
  };
}

function pkijs(chain: readonly Uint8Array[]): Case {
  return async () => {
    const [server, ca, root] = chain.map((der) => PkijsCertificate.fromBER(der.slice().buffer));
    const engine = new CertificateChainValidationEngine({ trustedCerts: [root], certs: [ca, server] });
    const { result, resultMessage } = await engine.verify();
    if (!result) throw new Error(`pkijs refuses: ${resultMessage}`);
  };
}

/** The part of node-forge that is used here; it has no types of its own. */
interface Forge {
  readonly asn1: { fromDer(der: string): unknown };
  readonly pki: {
    certificateFromAsn1(value: unknown): unknown;
    createCaStore(certificates: unknown[]): unknown;
    verifyCertificateChain(store: unknown, chain: unknown[]): boolean;
  };
}

function forge(chain: readonly Uint8Array[]): Case {
  const { asn1, pki } = createRequire(import.meta.url)("node-forge") as Forge;
  return () => {
    const [server, ca, root] = chain.map((der) =>
      pki.certificateFromAsn1(asn1.fromDer(Buffer.from(der).toString("binary")))
    );
    pki.verifyCertificateChain(pki.createCaStore([root]), [server, ca]);
  };
}

function node(chain: readonly Uint8Array[]): Case {
  return () => {
    const [server, ca, root] = chain.map((der) => new NodeCertificate(der));
    const isValid = server.verify(ca.publicKey) && ca.verify(root.publicKey) && server.checkIssued(ca) &&
      ca.checkIssued(root) && server.checkHost("host.example") !== undefined;
    if (!isValid) throw new Error("node:crypto refuses");
  };
}
