/** How the two sides of TLS 1.2 agree on a premaster secret: one file for each key exchange. */

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

/** The context of a key exchange, in either role. */
interface Context {
  /** The version in the ClientHello. */
  readonly clientVersion: number;
  readonly randoms: Randoms;
  /** The named groups of this side, the most preferred first. */
  readonly groups: readonly NamedGroup[];
  readonly operations: TlsOperations;
  readonly random: RandomBytes;
}

/** What a ClientHello offers for key exchange. */
export interface ClientSupport {
  /** The numbers of its named groups; undefined if it names none. */
  readonly groups: readonly number[] | undefined;
  /** The numbers of the signature schemes that it accepts. */
  readonly signatureSchemes: readonly number[];
  /** Whether it accepts uncompressed points of elliptic curves (RFC 8422 section 5.1.2). */
  readonly uncompressedPoints: boolean;
}

/** What the server's side starts from. */
export interface ServerContext extends Context {
  readonly credentials: Credentials;
  readonly client: ClientSupport;
}

/** What the client's side starts from. */
export interface ClientContext extends Context {
  readonly server: PeerCredentials;
  /** The body of ServerKeyExchange, if this exchange has it. */
  readonly serverKeyExchange: Uint8Array | undefined;
  readonly minimumKeyBits: number;
}

/** What the session's `info` says of its key exchange; nothing for RSA. */
export interface KeyExchangeInfo {
  readonly group?: NamedGroupName;
  readonly signatureScheme?: SignatureSchemeName;
}

/** The server's side of one exchange. */
export interface ServerSide {
  readonly info: KeyExchangeInfo;
  /** The body of ServerKeyExchange, if this exchange has it. */
  readonly serverKeyExchange?: Uint8Array;
  /** Reads the body of ClientKeyExchange, and returns the premaster secret. */
  receive(clientKeyExchange: Uint8Array): Promise<Uint8Array>;
}

/** The client's side of one exchange, after the server's messages were checked. */
export interface ClientSide {
  readonly info: KeyExchangeInfo;
  /** Makes the body of ClientKeyExchange, and the premaster secret. */
  respond(): { readonly clientKeyExchange: Uint8Array; readonly premasterSecret: Uint8Array };
}

/** A key exchange (RFC 5246 section 7.4.7). */
export interface KeyExchange {
  readonly name: "RSA" | "ECDHE";
  /** Whether the server sends ServerKeyExchange. */
  readonly hasServerKeyExchange: boolean;
  /** The key usage that the server's certificate must allow, if it has the extension (RFC 5280 section 4.2.1.3). */
  readonly keyUsage: "keyEncipherment" | "digitalSignature";
  /** Returns whether a server's key is of the right type for this exchange. */
  fits(key: PublicKey): boolean;
  /** Returns whether a server with these groups and credentials, whose key fits, can run the exchange with this client. */
  isPossible(context: Pick<ServerContext, "credentials" | "client" | "groups">): boolean;
  /** Begins the server's side. */
  server(context: ServerContext): Promise<ServerSide>;
  /** Begins the client's side; throws the fitting error and alert if the server's messages are invalid. */
  client(context: ClientContext): ClientSide;
}
