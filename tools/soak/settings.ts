/** The offers of a soak's server, and the requests of its clients. */
import type { AcceptSecurity, ConnectSecurity } from "../../mod.ts";
import { rsa2048 } from "../../tests/_kit/keys.ts";
import { root, serverCertificate } from "../../tests/_kit/pki.ts";

/** Milliseconds for closing: a busy machine must not be taken for a peer that is gone. All other limits are the defaults. */
export const CLOSE_TIMEOUT = 60_000;

const secret = new Uint8Array(32).fill(5);

/** Every setting. */
export const OFFERS: readonly AcceptSecurity[] = [
  { setting: "certificate", key: rsa2048, certificates: [serverCertificate(rsa2048)] },
  { setting: "key", key: rsa2048, keyExchange: "either", algorithm: ["AES", "3DES"] },
  { setting: "native", secret },
  { setting: "off", compression: "message" },
];

/**
 * Requests for settings. The last one is FESA's RSA key exchange with 3DES, whose keys are changed in place after each MiB.
 */
export const REQUESTS: Readonly<Record<"certificate" | "native" | "fesa", ConnectSecurity>> = {
  certificate: { setting: "certificate", roots: [root.certificate], serverName: "localhost" },
  native: { setting: "native", secret },
  fesa: {
    setting: "key",
    trust: "anyone",
    keyExchange: "RSA",
    algorithm: "3DES",
    rekey: { bytes: 2 ** 20 },
  },
};
