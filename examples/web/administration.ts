/** An administrator's part: keys, a certificate chain, and the settings that the server offers. */
import type { AcceptSecurity } from "@fesa/channel";
import { generateKeyPair as generateNativeKeyPair } from "@fesa/channel/noise";
import { generateKeyPair } from "@fesa/channel/rsa";
import {
  createCertificateAuthority,
  createCertificateRequest,
  issueCertificate,
  parseCertificateRequest,
  pinOf,
} from "@fesa/channel/x509";
import type { ClientSettings } from "./client_settings.ts";

const SERVER_NAME = "app.example";

/** ECDHE and FESA's own exchange, with every algorithm: the client chooses. */
const EVERY_EXCHANGE = { keyExchange: "either", algorithm: ["AES", "ChaCha20", "3DES"] } as const;

/** The server's configuration, and what its clients are told. */
export interface Administration {
  readonly security: readonly AcceptSecurity[];
  /** The settings with the shorter key, which need a path of their own: a client cannot choose between two keys. */
  readonly weakSecurity: readonly AcceptSecurity[];
  readonly clientSettings: ClientSettings;
}

/** Makes new keys and certificates. An intermediate CA issues the server's certificate, as at larger sites. */
export async function administer(): Promise<Administration> {
  const root = await createCertificateAuthority({ subject: "CN=Example Root,O=Example" });
  const issuer = await createCertificateAuthority({ subject: "CN=Example Issuer,O=Example", issuer: root });
  const stranger = await createCertificateAuthority({ subject: "CN=Another Root,O=Somebody Else" });

  const { privateKey: key } = await generateKeyPair();
  const { privateKey: weakKey } = await generateKeyPair({ bits: 1024, allowWeak: true });
  const request = createCertificateRequest(key, {
    subject: `CN=${SERVER_NAME},O=Example`,
    names: [SERVER_NAME],
  });
  const certificate = issueCertificate(issuer, parseCertificateRequest(request.pem));
  const keyPair = generateNativeKeyPair();

  return {
    security: [
      { setting: "certificate", key, certificates: [certificate, issuer.certificate], ...EVERY_EXCHANGE },
      { setting: "key", key, ...EVERY_EXCHANGE },
      { setting: "native", keyPair },
      { setting: "off" },
    ],
    weakSecurity: [{ setting: "key", key: weakKey, ...EVERY_EXCHANGE, minimumKeyBits: 1024 }],
    clientSettings: {
      serverName: SERVER_NAME,
      roots: root.certificate.pem,
      pin: certificate.pin,
      weakPin: pinOf(weakKey),
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
