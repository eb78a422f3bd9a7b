/** The setting `certificate` as each side names it. */

import type { Certificate } from "../../../x509/certificate/certificate.ts";
import type { RevocationList } from "../../../x509/revocation/list.ts";
import type { TlsSettingClient, TlsSettingServer } from "../tls/options.ts";

/** Certificates: an object, PEM as text or bytes, DER, or a list of any of these, as `node:tls` takes its `ca`. */
export type CertificateSource =
  | Certificate
  | string
  | Uint8Array
  | readonly (Certificate | string | Uint8Array)[];

/** Revocation lists: an object, PEM as text or bytes, DER, or a list of any of these. */
export type RevocationListSource =
  | RevocationList
  | string
  | Uint8Array
  | readonly (RevocationList | string | Uint8Array)[];

/** Which certificates are trusted. */
export interface ChainTrust {
  /**
   * The roots that are trusted; or `"system"` for those that the system trusts, where the runtime can read them, which
   * browsers do not allow (see `systemRoots` of `./x509`).
   */
  readonly roots: CertificateSource | "system";
  /** Revocation lists of the CAs. A server's stapled OCSP response counts beside them. */
  readonly crls?: RevocationListSource;
  /**
   * `"soft"`, the default, refuses what a list or OCSP response shows to be revoked; `"hard"` also refuses a certificate
   * about which there is none that is current; `"off"` looks at neither, but for certificates that ask for a stapled
   * response.
   */
  readonly revocation?: "off" | "soft" | "hard";
  /** Certificates of those who sign `crls`, if these are not the CAs in the chain; see `verifyCertificate` of `./x509`. */
  readonly crlIssuers?: CertificateSource;
  /** For how many days evidence without an end shows a certificate to be good; 7 by default. */
  readonly maximumAgeDays?: number;
}

/** A client that asks for a certificate: the server's chain must lead to a root, and its name must fit. */
export interface CertificateClient extends TlsSettingClient, ChainTrust {
  /** Names the setting. */
  readonly setting: "certificate";
  /** The server's DNS name or IP address. */
  readonly serverName: string;
}

/** A server that proves itself by a certificate. */
export interface CertificateServer extends TlsSettingServer {
  /** Names the setting. */
  readonly setting: "certificate";
  /** Its own certificate first, then its issuers. */
  readonly certificates: CertificateSource;
  /** An OCSP response about its own certificate, DER, which is stapled for clients that ask. */
  readonly ocspResponse?: Uint8Array;
}
