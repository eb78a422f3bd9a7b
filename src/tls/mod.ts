/**
 * TLS 1.3 (RFC 8446) and TLS 1.2 (RFC 5246): a client and a server over any transport, for any TLS peer. The option `suites`
 * decides which versions, key exchanges and ciphers are enabled.
 *
 * @example
 * ```ts
 * import { acceptTls, connectTls } from "@fesa/channel/tls";
 * import { memoryPair } from "@fesa/channel/memory";
 * import { generateKeyPair } from "@fesa/channel/rsa";
 *
 * const { privateKey } = await generateKeyPair();
 * const [near, far] = memoryPair();
 * const [client, server] = await Promise.all([
 *   connectTls(near, { certificateTypes: ["raw"], verifyPeer: () => {} }), // a real client checks the key
 *   acceptTls(far, { credentials: [{ key: privateKey }] }),
 * ]);
 * await Promise.all([client.close(), server.close()]);
 * ```
 *
 * @module
 */

import type { Transport } from "../connection.ts";
import { type Deadline, Wire } from "../wire.ts";
import type { Certificate } from "../x509/certificate/certificate.ts";
import { checkAcceptOptions, checkConnectOptions } from "./check.ts";
import { clientHandshake } from "./client.ts";
import { SessionStreams, type TlsConnection } from "./connection.ts";
import type { VerifyPeer } from "./credentials/credentials.ts";
import type { ClientOptions, ServerOptions } from "./options.ts";
import { offersOf } from "./credentials/offers.ts";
import { serverHandshake } from "./server.ts";
import type { TlsSession } from "./session.ts";
import { verifyWithRoots } from "./credentials/roots.ts";

export {
  CertificateError,
  type CertificateReason,
  ChannelError,
  type ChannelErrorOptions,
  type ErrorCode,
} from "../errors.ts";
export type { HashName } from "../crypto/hash.ts";
export type { RandomBytes } from "../crypto/random.ts";
export type { CryptoChoice } from "../platform/choose.ts";
export type { RsaPrivateKey, RsaPublicKey } from "../crypto/rsa/mod.ts";
export type { Transport } from "../connection.ts";
export type { Certificate } from "../x509/certificate/certificate.ts";
export type { PrivateKey } from "../x509/keys/private_key.ts";
export type { PublicKey } from "../x509/keys/public_key.ts";
export type { SignatureScheme } from "../x509/keys/signature_scheme.ts";
export type { Tls12SuiteName } from "./tls12/cipher_suites.ts";
export type { Tls13SuiteName } from "./tls13/cipher_suites.ts";
export type { CipherSuiteName } from "./cipher_suites.ts";
export type { TlsConnection } from "./connection.ts";
export type { CertificateType } from "./handshake/extensions.ts";
export type { HandshakeStep } from "./handshake/layer.ts";
export type {
  Credentials,
  KeyOperations,
  PeerCertificates,
  PeerCredentials,
  PeerRawKey,
  VerifyPeer,
} from "./credentials/credentials.ts";
export type { SignatureSchemeName } from "./credentials/signature_schemes.ts";
export type { TlsInfo } from "./info.ts";
export type { NamedGroupName } from "./key_exchange/named_group.ts";
export type { HandshakeCost } from "../session.ts";
export type { RekeyOptions } from "./record/limits.ts";
export type { KeyLog } from "./key_log.ts";
export type {
  ClientAuthentication,
  ClientOptions,
  ServerCredentials,
  ServerOptions,
  TlsOptions,
} from "./options.ts";
export { type RootsOptions, verifyWithRoots } from "./credentials/roots.ts";

/** The time limit of a handshake. */
export interface HandshakeLimits {
  /** Ends the handshake with an `aborted` error. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which the handshake ends with a `timeout` error; 30,000 by default, 0 for no limit. */
  readonly handshakeTimeout?: number | undefined;
}

/** Options of {@link connectTls}: either `roots` or `verifyPeer` decides which server is trusted. */
export interface ConnectTlsOptions extends Omit<ClientOptions, "verifyPeer">, HandshakeLimits {
  /** The trusted roots: the server's chain must lead to one of them. Requires `serverName`. */
  readonly roots?: readonly Certificate[] | undefined;
  /** Verifies the server's credentials; pass this or `roots`. */
  readonly verifyPeer?: VerifyPeer | undefined;
  /** The time at which certificates must be valid; now by default. */
  readonly now?: Date | undefined;
}

/** Options of {@link acceptTls}. */
export interface AcceptTlsOptions extends ServerOptions, HandshakeLimits {}

const HANDSHAKE_TIMEOUT_MS = 30_000;

/**
 * Sets up a TLS session as the client.
 *
 * @param transport Carries the bytes; it belongs to the session from then on.
 * @returns The session, as streams.
 * @throws {ChannelError} `certificate`, `untrusted` or the error of `verifyPeer` if the server is not trusted; `alert` if
 * the server refuses; otherwise `not_offered`, `protocol`, `decrypt`, `limit`, `truncated`, `timeout`, `aborted` or
 * `transport`.
 * @throws {TypeError} If neither `roots` with `serverName` nor `verifyPeer` is given, `serverName` is neither a DNS name nor
 * an IP address, or another option is of the wrong type.
 * @throws {RangeError} If a number is out of its range.
 * @example
 * ```ts
 * import { connectTls, type TlsConnection, type Transport } from "@fesa/channel/tls";
 * import { parseCertificates } from "@fesa/channel/x509";
 *
 * function connect(transport: Transport, rootsPem: string): Promise<TlsConnection> {
 *   return connectTls(transport, { serverName: "server.example", roots: parseCertificates(rootsPem) });
 * }
 * ```
 */
export async function connectTls(transport: Transport, options: ConnectTlsOptions): Promise<TlsConnection> {
  checkConnectOptions(options);
  const verifyPeer = options.verifyPeer ?? trustOf(options);
  return await connection(transport, options, (wire) => clientHandshake(wire, { ...options, verifyPeer }));
}

function trustOf({ roots, serverName, now, minimumKeyBits, crypto }: ConnectTlsOptions): VerifyPeer {
  if (roots === undefined || serverName === undefined) {
    throw new TypeError("connectTls needs roots and serverName, or verifyPeer");
  }
  return verifyWithRoots(roots, { now, minimumRsaBits: minimumKeyBits, crypto });
}

/**
 * Sets up a TLS session as the server.
 *
 * @param transport Carries the bytes; it belongs to the session from then on.
 * @returns The session, as streams.
 * @throws {ChannelError} As {@link connectTls}. Without `clientAuthentication`, every client is accepted.
 * @throws {TypeError} If there are no credentials, or another option is of the wrong type.
 * @throws {RangeError} If a number is out of its range, or a key is shorter than `minimumKeyBits`.
 * @example
 * ```ts
 * import { acceptTls, type TlsConnection, type Transport } from "@fesa/channel/tls";
 * import { parseCertificates, parsePrivateKey } from "@fesa/channel/x509";
 *
 * function accept(transport: Transport, chainPem: string, keyPem: string): Promise<TlsConnection> {
 *   return acceptTls(transport, {
 *     credentials: [{ certificates: parseCertificates(chainPem), key: parsePrivateKey(keyPem) }],
 *   });
 * }
 * ```
 */
export async function acceptTls(transport: Transport, options: AcceptTlsOptions): Promise<TlsConnection> {
  checkAcceptOptions(options);
  const offers = offersOf(options);
  return await connection(transport, options, (wire) => serverHandshake(wire, offers, options.trace));
}

async function connection(
  transport: Transport,
  { signal, handshakeTimeout = HANDSHAKE_TIMEOUT_MS }: HandshakeLimits,
  handshake: (wire: Wire) => Promise<TlsSession>,
): Promise<TlsConnection> {
  const wire = new Wire(transport);
  const deadline: Deadline = { signal, milliseconds: handshakeTimeout };
  return new SessionStreams(await wire.within(deadline, () => handshake(wire)));
}
