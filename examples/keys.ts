/**
 * What an administrator makes once, and the other examples use: a CA, a certificate with its key, a shared secret.
 *
 *     npx tsx examples/keys.ts        (writes the folder keys/)
 */
import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { generateKeyPair } from "@fesa/channel/rsa";
import {
  createCertificateAuthority,
  createCertificateRequest,
  exportPrivateKey,
  issueCertificate,
  parseCertificateRequest,
  pinOf,
} from "@fesa/channel/x509";

// The key stays on the server: a request goes to the CA, and a certificate comes back.
const { privateKey } = await generateKeyPair();
const names = ["localhost", "127.0.0.1"];
const request = createCertificateRequest(privateKey, { subject: "CN=localhost", names });

// The CA. It is not needed again until the next certificate.
const ca = await createCertificateAuthority({ subject: "CN=My Root" });
const certificate = issueCertificate(ca, parseCertificateRequest(request.pem));

await mkdir("keys"); // fails if there are keys already
await writeFile("keys/key.pem", exportPrivateKey(privateKey), { mode: 0o600 }); // only for the server
await writeFile("keys/certificate.pem", certificate.pem); // the server presents it
await writeFile("keys/root.pem", ca.certificate.pem); // for clients that trust certificates
await writeFile("keys/pin", pinOf(privateKey)); // for clients that trust this key
await writeFile("keys/secret", randomBytes(32).toString("hex"), { mode: 0o600 }); // for both sides, in `native`
console.log("wrote the folder keys/");
