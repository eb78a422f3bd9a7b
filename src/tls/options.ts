/** The options of both roles, and their defaults. */

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

/** Options that both roles of a TLS session have. */
export interface TlsOptions {
  /**
   * The enabled cipher suites, the most preferred first: by default those of TLS 1.3 and the ECDHE suites of TLS 1.2. They also
   * decide the versions. Suites with RSA key exchange, including 3DES, must be enabled explicitly here.
   */
  readonly suites?: readonly CipherSuiteName[] | undefined;
  /**
   * The named groups of the key exchange, the most preferred first: by default X25519MLKEM768, which resists quantum computers,
   * then x25519, secp256r1, secp384r1 and secp521r1. RSA key exchange uses none.
   */
  readonly groups?: readonly NamedGroupName[] | undefined;
  /** Application protocols (RFC 7301), the most preferred first. */
  readonly alpnProtocols?: readonly string[] | undefined;
  /** The minimum size of an RSA key, this side's or the peer's, in bits; 2048 by default, and never below 1024. */
  readonly minimumKeyBits?: number | undefined;
  /** The most plaintext, in bytes, that a record to this side may carry (RFC 8449): 64 to 16384, the default. */
  readonly recordSizeLimit?: number | undefined;
  /**
   * `"required"` refuses a TLS 1.2 peer without the extended master secret (RFC 7627), which exporters need. True, the default,
   * uses it if the peer supports it. False leaves it out, for a peer whose implementation is faulty.
   */
  readonly extendedMasterSecret?: boolean | "required" | undefined;
  /** False leaves encrypt-then-MAC (RFC 7366) out, for a peer whose implementation is faulty. */
  readonly encryptThenMac?: boolean | undefined;
  /** When the keys of a long session are changed. */
  readonly rekey?: RekeyOptions | undefined;
  /** Called with the lines of an NSS key log: one, or five in TLS 1.3. Anyone who has them can decrypt the session. */
  readonly keyLog?: KeyLog | undefined;
  /** Called with the name and size of each handshake message. */
  readonly trace?: ((step: HandshakeStep) => void) | undefined;
  /**
   * `"platform"`, the default, uses the runtime's own cryptography if that works and is faster; `"pure"` uses nothing but
   * this library's TypeScript.
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
   * The DNS name of the server, which is sent as server_name (RFC 6066 section 3) without a dot at its end, or its IP address,
   * which is not sent. None by default.
   */
  readonly serverName?: string | undefined;
  /** The types of credentials that the server may show, the most preferred first; only certificates by default. */
  readonly certificateTypes?: readonly CertificateType[] | undefined;
  /**
   * This client's credentials, for a server that asks for them and accepts their type and signatures: a certificate signed with
   * SHA-1 is shown only to a server that lists SHA-1 (RFC 8446 section 4.4.2.3, RFC 5246 section 7.4.6).
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

/** One of a server's credentials; its options take precedence over the server's options of the same names. */
export interface ServerCredentials extends
  Credentials,
  Pick<
    ServerOptions,
    "suites" | "alpnProtocols" | "minimumKeyBits" | "keyLog" | "rekey" | "clientAuthentication"
  > {}

/** Further options of a TLS server. */
export interface ServerOptions extends TlsOptions {
  /** The server's credentials; among several, the client's server_name and certificate types decide. */
  readonly credentials: readonly ServerCredentials[];
  /** Asks clients for credentials; by default they are not asked. */
  readonly clientAuthentication?: ClientAuthentication | undefined;
}

/** The common options with their defaults filled in, and checked. */
export interface Settings {
  /** The suites of TLS 1.3, which is not negotiated if there are none. */
  readonly tls13Suites: readonly Tls13Suite[];
  /** The suites of TLS 1.2, which is not negotiated if there are none. */
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
const LEAST_KEY_BITS = 1024;
const LEAST_RECORD_SIZE = 64;

/**
 * Checks the options and fills in the defaults.
 *
 * @throws {RangeError} If a number is out of its range.
 * @throws {TypeError} If a suite is unknown.
 */
export function settingsOf(options: TlsOptions): Settings {
  const { minimumKeyBits = DEFAULT_KEY_BITS, recordSizeLimit = MAX_PLAINTEXT } = options;
  if (!Number.isInteger(minimumKeyBits) || minimumKeyBits < LEAST_KEY_BITS) {
    throw new RangeError(`minimumKeyBits must be an integer of at least ${LEAST_KEY_BITS}`);
  }
  if (
    !Number.isInteger(recordSizeLimit) || recordSizeLimit < LEAST_RECORD_SIZE ||
    recordSizeLimit > MAX_PLAINTEXT
  ) {
    throw new RangeError(`recordSizeLimit must be an integer from ${LEAST_RECORD_SIZE} to ${MAX_PLAINTEXT}`);
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
