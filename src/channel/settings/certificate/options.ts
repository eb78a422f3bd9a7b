/** The options of the setting `certificate` for clients and servers. */

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

/** The certificates that are trusted. */
export interface ChainTrust {
  /**
   * The trusted roots, or `"system"` for those of the operating system (see `systemRoots` of `./x509`). Browsers do not let
   * programs read the latter.
   */
  readonly roots: CertificateSource | "system";
  /**
   * Revocation lists of the CAs, used in addition to a server's stapled OCSP response. Text and bytes are parsed at each
   * `connect`, in one turn of the event loop, which takes some 6 ms for each 1,000 entries. Parse long lists once, with
   * `readRevocationLists` of `./x509`.
   */
  readonly crls?: RevocationListSource;
  /**
   * `"soft"`, the default, refuses a certificate that a list or OCSP response shows to be revoked. `"hard"` also refuses a
   * certificate without a current list or response. `"off"` checks neither, except for certificates that require a stapled
   * response.
   */
  readonly revocation?: "off" | "soft" | "hard";
  /** Certificates of the issuers of `crls`, if these are not the CAs in the chain; see `verifyCertificate` of `./x509`. */
  readonly crlIssuers?: CertificateSource;
  /** The number of days for which a list or response without a nextUpdate is current; 7 by default. */
  readonly maximumAgeDays?: number;
}

/** A client that verifies the server's certificate: the chain must lead to a root, and the name must match. */
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
  /** The server's own certificate, followed by those of the issuers. */
  readonly certificates: CertificateSource;
  /** An OCSP response in DER for the server's own certificate. It is stapled for clients that ask for one. */
  readonly ocspResponse?: Uint8Array;
}
