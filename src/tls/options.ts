/** The options of clients and servers, and their defaults. */

import type { TlsOperations } from "../crypto/operations.ts";
import { type RandomBytes, randomBytes } from "../crypto/random.ts";
import { checkCryptoChoice, type CryptoChoice } from "../platform/choose.ts";
import { tlsOperations } from "../platform/tls_operations.ts";
import { type CipherSuiteName, DEFAULT_SUITES, suitesByName } from "./cipher_suites.ts";
import type { Credentials, VerifyPeer } from "./credentials/credentials.ts";
import type { CertificateType } from "./handshake/extensions.ts";
import type { HandshakeStep } from "./handshake/layer.ts";
import { groupsByName } from "./key_exchange/groups.ts";
import type { NamedGroup, NamedGroupName } from "./key_exchange/named_group.ts";
import type { KeyLog } from "./key_log.ts";
import { MAX_PLAINTEXT } from "./record/content.ts";
import { checkRekeyOptions, type RekeyOptions } from "./record/limits.ts";
import type { Tls12Suite } from "./tls12/cipher_suites.ts";
import type { Tls13Suite } from "./tls13/cipher_suites.ts";

/** The common options of TLS clients and servers. */
export interface TlsOptions {
  /**
   * The enabled cipher suites, the most preferred first; by default those of TLS 1.3 and the ECDHE suites of TLS 1.2. The
   * suites also determine the enabled versions. Suites with RSA key exchange, including 3DES, must be enabled explicitly
   * here.
   */
  readonly suites?: readonly CipherSuiteName[] | undefined;
  /**
   * The named groups of the key exchange, the most preferred first: by default X25519MLKEM768, which resists quantum computers,
   * then x25519, secp256r1, secp384r1 and secp521r1. RSA key exchange uses none.
   */
  readonly groups?: readonly NamedGroupName[] | undefined;
  /** Application protocols (RFC 7301), the most preferred first. */
  readonly alpnProtocols?: readonly string[] | undefined;
  /** The minimum size of RSA keys of both sides, in bits; 2048 by default, and at least 1024. */
  readonly minimumKeyBits?: number | undefined;
  /** The most plaintext in a record to this side, in bytes (RFC 8449): 64 to 16384; 16384 by default. */
  readonly recordSizeLimit?: number | undefined;
  /**
   * Whether TLS 1.2 uses the extended master secret (RFC 7627), which exporters need. True, the default, uses it if the peer
   * supports it; `"required"` refuses other peers. False disables it, for peers whose implementation is faulty.
   */
  readonly extendedMasterSecret?: boolean | "required" | undefined;
  /**
   * Whether CBC suites use encrypt-then-MAC (RFC 7366) if the peer supports it; true by default. False disables it, for
   * peers whose implementation is faulty.
   */
  readonly encryptThenMac?: boolean | undefined;
  /** When the keys of a long session are changed. */
  readonly rekey?: RekeyOptions | undefined;
  /**
   * Called with each line of an NSS key log: one line in TLS 1.2, five in TLS 1.3. Anyone who has the lines can decrypt the
   * session.
   */
  readonly keyLog?: KeyLog | undefined;
  /** Called with the name and size of each handshake message. */
  readonly trace?: ((step: HandshakeStep) => void) | undefined;
  /**
   * `"platform"`, the default, uses the runtime's own cryptography if that works and is faster; `"pure"` uses this library's
   * TypeScript alone.
   */
  readonly crypto?: CryptoChoice | undefined;
  /** The source of random bytes, for tests. */
  readonly random?: RandomBytes | undefined;
}

/** Further options of a TLS client. */
export interface ClientOptions extends TlsOptions {
  /** Verifies the server's credentials. */
  readonly verifyPeer: VerifyPeer;
  /**
   * The server's DNS name or IP address; none by default. A DNS name is sent as server_name (RFC 6066 section 3) without a
   * dot at its end; an IP address is not sent.
   */
  readonly serverName?: string | undefined;
  /** The types of credentials that the server may show, the most preferred first; only certificates by default. */
  readonly certificateTypes?: readonly CertificateType[] | undefined;
  /**
   * This client's credentials. They are shown to a server that asks for credentials and accepts their type and signature
   * schemes (RFC 8446 section 4.4.2.3, RFC 5246 section 7.4.6). For example, a certificate signed with SHA-1 is shown only
   * to a server that lists SHA-1.
   */
  readonly credentials?: Credentials | undefined;
}

/** How a server authenticates its clients. */
export interface ClientAuthentication {
  /** Verifies the client's credentials. */
  readonly verifyPeer: VerifyPeer;
  /** Whether a client without credentials is refused; true by default. */
  readonly required?: boolean | undefined;
  /** The types of credentials that the client may show, the most preferred first; only certificates by default. */
  readonly certificateTypes?: readonly CertificateType[] | undefined;
}

/** One of a server's credentials. Its options take precedence over the server's options with the same names. */
export interface ServerCredentials extends
  Credentials,
  Pick<
    ServerOptions,
    "suites" | "alpnProtocols" | "minimumKeyBits" | "keyLog" | "rekey" | "clientAuthentication"
  > {}

/** Further options of a TLS server. */
export interface ServerOptions extends TlsOptions {
  /**
   * The server's credentials. If there are several, the server chooses by the client's server_name and certificate types.
   */
  readonly credentials: readonly ServerCredentials[];
  /** Asks clients for credentials; by default they are not asked. */
  readonly clientAuthentication?: ClientAuthentication | undefined;
}

/** The common options, checked and with their defaults filled in. */
export interface Settings {
  /** The suites of TLS 1.3. If the list is empty, TLS 1.3 is disabled. */
  readonly tls13Suites: readonly Tls13Suite[];
  /** The suites of TLS 1.2. If the list is empty, TLS 1.2 is disabled. */
  readonly tls12Suites: readonly Tls12Suite[];
  readonly groups: readonly NamedGroup[];
  readonly alpnProtocols: readonly string[];
  readonly minimumKeyBits: number;
  readonly recordSizeLimit: number;
  readonly extendedMasterSecret: boolean | "required";
  readonly encryptThenMac: boolean;
  readonly rekey: RekeyOptions;
  readonly keyLog: KeyLog | undefined;
  readonly operations: TlsOperations;
  readonly random: RandomBytes;
}

const DEFAULT_KEY_BITS = 2048;
const MIN_KEY_BITS = 1024;
const MIN_RECORD_SIZE = 64;

/**
 * Checks the options and fills in the defaults.
 *
 * @throws {RangeError} If a number is out of its range.
 * @throws {TypeError} If a suite is unknown.
 */
export function settingsOf(options: TlsOptions): Settings {
  const { minimumKeyBits = DEFAULT_KEY_BITS, recordSizeLimit = MAX_PLAINTEXT } = options;
  if (!Number.isInteger(minimumKeyBits) || minimumKeyBits < MIN_KEY_BITS) {
    throw new RangeError(`minimumKeyBits must be an integer of at least ${MIN_KEY_BITS}`);
  }
  if (
    !Number.isInteger(recordSizeLimit) || recordSizeLimit < MIN_RECORD_SIZE ||
    recordSizeLimit > MAX_PLAINTEXT
  ) {
    throw new RangeError(`recordSizeLimit must be an integer from ${MIN_RECORD_SIZE} to ${MAX_PLAINTEXT}`);
  }
  const { rekey = {}, crypto = "platform" } = options;
  checkRekeyOptions(rekey);
  checkCryptoChoice(crypto);
  const operations = tlsOperations(crypto);
  const suites = suitesByName(options.suites ?? DEFAULT_SUITES, operations);
  return {
    tls13Suites: suites.filter((suite) => suite.version === "TLS 1.3"),
    tls12Suites: suites.filter((suite) => suite.version === "TLS 1.2"),
    groups: groupsByName(options.groups, operations),
    alpnProtocols: options.alpnProtocols ?? [],
    minimumKeyBits,
    recordSizeLimit,
    extendedMasterSecret: options.extendedMasterSecret ?? true,
    encryptThenMac: options.encryptThenMac ?? true,
    rekey,
    keyLog: options.keyLog,
    operations,
    random: options.random ?? randomBytes,
  };
}
