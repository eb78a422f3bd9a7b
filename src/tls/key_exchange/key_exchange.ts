/** How the two sides of TLS 1.2 agree on a premaster secret: one file for each way. */

import type { RandomBytes } from "../../crypto/random.ts";
import type { Credentials, PeerCredentials } from "../credentials/credentials.ts";

/** What a key exchange knows of its session, in either role. */
export interface KeyExchangeContext {
  /** The version that the ClientHello asked for. */
  readonly clientVersion: number;
  readonly random: RandomBytes;
}

/** What the server's side starts from. */
export interface ServerContext extends KeyExchangeContext {
  readonly credentials: Credentials;
}

/** What the client's side starts from. */
export interface ClientContext extends KeyExchangeContext {
  readonly server: PeerCredentials;
  readonly minimumKeyBits: number;
}

/** The server's side of one exchange. */
export interface ServerSide {
  /** Reads the body of ClientKeyExchange, and returns the premaster secret. */
  receive(clientKeyExchange: Uint8Array): Promise<Uint8Array>;
}

/** The client's side of one exchange, once what the server sent was found to be in order. */
export interface ClientSide {
  /** Makes the body of ClientKeyExchange, and the premaster secret. */
  respond(): { readonly clientKeyExchange: Uint8Array; readonly premasterSecret: Uint8Array };
}

/** A key exchange (RFC 5246 section 7.4.7). */
export interface KeyExchange {
  readonly name: "RSA";
  /** Begins the server's side. */
  server(context: ServerContext): ServerSide;
  /** Begins the client's side: throws the error and alert that fit if what the server showed cannot be used. */
  client(context: ClientContext): ClientSide;
}
