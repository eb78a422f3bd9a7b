/** The options of the setting `certificate`, for each side. */

import type { Certificate } from "../../../x509/certificate/certificate.ts";
import type { RevocationList } from "../../../x509/revocation/list.ts";
import type { TlsSettingClient, TlsSettingServer } from "../tls/options.ts";

/** Certificates: an object, PEM as text or bytes, DER, or a list of any of these, as `node:tls` accepts its `ca`. */
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
   * The trusted roots, or `"system"` for those of the operating system, which browsers do not let programs read (see
   * `systemRoots` of `./x509`).
   */
  readonly roots: CertificateSource | "system";
  /**
   * Revocation lists of the CAs, used in addition to a server's stapled OCSP response. Text and bytes are read at each
   * `connect` and in one turn of the event loop, some 6 ms for each 1,000 entries: read long lists once, by
   * `readRevocationLists` of `./x509`.
   */
  readonly crls?: RevocationListSource;
  /**
   * `"soft"`, the default, refuses a certificate that a list or OCSP response shows to be revoked. `"hard"` also refuses one
   * without a current list or response. `"off"` checks neither, except for certificates that require a stapled response.
   */
  readonly revocation?: "off" | "soft" | "hard";
  /** Certificates of the issuers of `crls`, if these are not the CAs in the chain; see `verifyCertificate` of `./x509`. */
  readonly crlIssuers?: CertificateSource;
  /** How many days a list or response without a nextUpdate stays current; 7 by default. */
  readonly maximumAgeDays?: number;
}

/** A client that verifies the server's certificate: its chain must lead to a root, and its name must match. */
export interface CertificateClient extends TlsSettingClient, ChainTrust {
  /** Names the setting. */
  readonly setting: "certificate";
  /** The server's DNS name or IP address. */
  readonly serverName: string;
}

/** A server that authenticates with a certificate. */
export interface CertificateServer extends TlsSettingServer {
  /** Names the setting. */
  readonly setting: "certificate";
  /** The server's own certificate first, then the issuers'. */
  readonly certificates: CertificateSource;
  /** An OCSP response (DER) about the server's own certificate, which is stapled for clients that ask. */
  readonly ocspResponse?: Uint8Array;
}
