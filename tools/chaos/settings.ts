/** Every setting, from both sides. */
import type { AcceptSecurity, ConnectSecurity } from "../../mod.ts";
import { rsa2048 } from "../../tests/_kit/keys.ts";
import { root, serverCertificate } from "../../tests/_kit/pki.ts";
import type { Order } from "./trial.ts";

const secret = new Uint8Array(32).fill(5);
const keys = { keyExchange: "either", algorithm: ["AES", "3DES"] } as const;

export const security: {
  readonly offers: readonly AcceptSecurity[];
  readonly requests: Readonly<Record<Order["setting"], ConnectSecurity>>;
} = {
  offers: [
    { setting: "certificate", key: rsa2048, certificates: [serverCertificate(rsa2048)] },
    { setting: "key", key: rsa2048, ...keys },
    { setting: "native", secret, compression: "stream" },
    { setting: "off" },
  ],
  requests: {
    certificate: { setting: "certificate", roots: [root.certificate], serverName: "localhost" },
    key: { setting: "key", trust: "anyone" },
    "key-rsa": { setting: "key", trust: "anyone", keyExchange: "RSA" },
    "key-3des": { setting: "key", trust: "anyone", keyExchange: "RSA", algorithm: "3DES" },
    native: { setting: "native", secret, compression: "stream" },
    off: { setting: "off" },
  },
};
