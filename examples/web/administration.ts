/** What an administrator sets up: keys, a chain of certificates, and the settings that the server offers. */
import type { AcceptSecurity } from "@fesa/channel";
import { generateKeyPair as generateNativeKeyPair } from "@fesa/channel/noise";
import { generateKeyPair } from "@fesa/channel/rsa";
import {
  createCertificateAuthority,
  createCertificateRequest,
  issueCertificate,
  parseCertificateRequest,
} from "@fesa/channel/x509";
import type { ClientSettings } from "./client_settings.ts";

const SERVER_NAME = "app.example";

/** Both sides of the administration: what the server has, and what its clients are told. */
export interface Administration {
  readonly security: readonly AcceptSecurity[];
  readonly clientSettings: ClientSettings;
}

/** Makes everything anew. The server's certificate stands under an issuing CA, as it does at larger sites. */
export async function administer(): Promise<Administration> {
  const root = await createCertificateAuthority({ subject: "CN=Example Root,O=Example" });
  const issuer = await createCertificateAuthority({ subject: "CN=Example Issuer,O=Example", issuer: root });
  const stranger = await createCertificateAuthority({ subject: "CN=Another Root,O=Somebody Else" });

  const { privateKey: key } = await generateKeyPair();
  const request = createCertificateRequest(key, {
    subject: `CN=${SERVER_NAME},O=Example`,
    names: [SERVER_NAME],
  });
  const certificate = issueCertificate(issuer, parseCertificateRequest(request.pem));
  const keyPair = generateNativeKeyPair();

  return {
    security: [
      { setting: "certificate", key, certificates: [certificate, issuer.certificate] },
      { setting: "key", key },
      { setting: "key", key, keyExchange: "RSA", algorithm: "3DES" },
      { setting: "native", keyPair },
      { setting: "off" },
    ],
    clientSettings: {
      serverName: SERVER_NAME,
      roots: root.certificate.pem,
      pin: certificate.pin,
      nativeKey: Buffer.from(keyPair.publicKey).toString("hex"),
      wrong: {
        serverName: "bank.example",
        roots: stranger.certificate.pem,
        pin: stranger.certificate.pin,
        nativeKey: Buffer.from(generateNativeKeyPair().publicKey).toString("hex"),
      },
    },
  };
}
