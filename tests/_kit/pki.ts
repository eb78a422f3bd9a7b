/** A small PKI with the published test keys: a root, and certificates for a server and a client. */
import type { RsaPrivateKey } from "../../src/crypto/rsa/mod.ts";
import {
  type Certificate,
  type CertificateAuthority,
  createCertificateAuthority,
  createCertificateRequest,
  exportPrivateKey,
  issueCertificate,
  type PrivateKey,
} from "../../src/x509/mod.ts";
import { rsa2048, rsa3072 } from "./keys.ts";
import type { Files } from "./files.ts";

/** The root, with the key of 3072 bits. */
export const root: CertificateAuthority & { readonly key: RsaPrivateKey } = {
  ...await createCertificateAuthority({
    subject: "CN=Test Root",
    key: rsa3072,
  }),
  key: rsa3072,
};

/** A server's certificate for `localhost` and 127.0.0.1. */
export function serverCertificate(key: PrivateKey): Certificate {
  const request = createCertificateRequest(key, { subject: "CN=localhost", allowWeak: true });
  return issueCertificate(root, request, { names: ["localhost", "127.0.0.1"], allowWeak: true });
}

/** A client's certificate. */
export function clientCertificate(key: PrivateKey): Certificate {
  const request = createCertificateRequest(key, { subject: "CN=client", allowWeak: true });
  return issueCertificate(root, request, { profile: "client", allowWeak: true });
}

/** The paths of the root and of the server's certificate and key, for programs. */
export interface PkiFiles {
  readonly root: string;
  readonly certificate: string;
  readonly key: string;
}

/** Writes root, certificate and key as files. */
export function writePki(files: Files, certificate: Certificate, key: PrivateKey = rsa2048): PkiFiles {
  return {
    root: files.write("root.pem", root.certificate.pem),
    certificate: files.write("certificate.pem", certificate.pem),
    key: files.write("key.pem", exportPrivateKey(key)),
  };
}
