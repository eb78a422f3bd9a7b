/**
 * TLS 1.2 (RFC 5246) for ordinary peers: a client and a server over any transport, with RSA key exchange and
 * AES-256 (or, where it is named, 3DES).
 *
 * @module
 */

import { Wire } from "../wire.ts";
import type { Transport } from "../wire.ts";
import { clientHandshake } from "./client.ts";
import { SessionStreams, type TlsConnection } from "./connection.ts";
import type { ClientOptions, ServerOptions } from "./options.ts";
import { serverHandshake } from "./server.ts";
export type { Transport } from "../wire.ts";
