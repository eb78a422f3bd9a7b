/**
 * The interface of key exchanges in TLS 1.2, by which the two sides agree on a pre-master secret. Each key exchange has its
 * own file.
 */

import type { TlsOperations } from "../../crypto/operations.ts";
import type { RandomBytes } from "../../crypto/random.ts";
import type { PublicKey } from "../../x509/keys/public_key.ts";
import type { Credentials, PeerCredentials } from "../credentials/credentials.ts";
import type { SignatureSchemeName } from "../credentials/signature_schemes.ts";
import type { NamedGroup, NamedGroupName } from "./named_group.ts";

/** The random values of both hello messages. */
export interface Randoms {
  readonly client: Uint8Array;
  readonly server: Uint8Array;
}

/** The context of a key exchange for both roles. */
interface Context {
  /** The version in the ClientHello. */
  readonly clientVersion: number;
  readonly randoms: Randoms;
  /** The named groups of this side, the most preferred first. */
  readonly groups: readonly NamedGroup[];
  readonly operations: TlsOperations;
  readonly random: RandomBytes;
}

/** What a client supports for key exchange, according to its ClientHello. */
export interface ClientSupport {
  /** The numbers of the named groups; undefined without supported_groups. */
  readonly groups: readonly number[] | undefined;
  /** The numbers of the accepted signature schemes. */
  readonly signatureSchemes: readonly number[];
  /** Whether the client accepts uncompressed points of elliptic curves (RFC 8422 section 5.1.2). */
  readonly uncompressedPoints: boolean;
}

/** The context of a key exchange for the server. */
export interface ServerContext extends Context {
  readonly credentials: Credentials;
  readonly client: ClientSupport;
}

/** The context of a key exchange for the client. */
export interface ClientContext extends Context {
  readonly server: PeerCredentials;
  /** The body of ServerKeyExchange, if this exchange has it. */
  readonly serverKeyExchange: Uint8Array | undefined;
  readonly minimumKeyBits: number;
}

/** What the session's `info` says about the key exchange. It is empty for RSA. */
export interface KeyExchangeInfo {
  readonly group?: NamedGroupName;
  readonly signatureScheme?: SignatureSchemeName;
}

/** The server's side of a key exchange. */
export interface ServerSide {
  readonly info: KeyExchangeInfo;
  /** The body of ServerKeyExchange, if this exchange has it. */
  readonly serverKeyExchange?: Uint8Array;
  /** Reads the body of ClientKeyExchange, and returns the pre-master secret. */
  receive(clientKeyExchange: Uint8Array): Promise<Uint8Array>;
}

/** The client's side of a key exchange, after the server's messages have been checked. */
export interface ClientSide {
  readonly info: KeyExchangeInfo;
  /** Returns the body of ClientKeyExchange, and the pre-master secret. */
  respond(): { readonly clientKeyExchange: Uint8Array; readonly premasterSecret: Uint8Array };
}

/** A key exchange (RFC 5246 section 7.4.7). */
export interface KeyExchange {
  readonly name: "RSA" | "ECDHE";
  /** Whether the server sends ServerKeyExchange. */
  readonly hasServerKeyExchange: boolean;
  /**
   * The bit that must be set in the keyUsage of the server's certificate, if the certificate has this extension (RFC 5280
   * section 4.2.1.3).
   */
  readonly keyUsage: "keyEncipherment" | "digitalSignature";
  /** Returns whether a server's key has the right type for this key exchange. */
  fits(key: PublicKey): boolean;
  /**
   * Returns whether a server with these groups and credentials can run the key exchange with this client. The server's key
   * must fit.
   */
  isPossible(context: Pick<ServerContext, "credentials" | "client" | "groups">): boolean;
  /** Begins the server's side. */
  server(context: ServerContext): Promise<ServerSide>;
  /** Begins the client's side. Throws an error with the fitting alert if the server's messages are invalid. */
  client(context: ClientContext): ClientSide;
}
