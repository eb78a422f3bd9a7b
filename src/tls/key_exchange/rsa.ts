/** RSA key exchange (RFC 5246 section 7.4.7.1): the client encrypts a pre-master secret with the server's public key. */

import { ByteWriter } from "../../byte_fields.ts";
import { concat } from "../../bytes.ts";
import { CertificateError } from "../../errors.ts";
import type { RandomBytes } from "../../crypto/random.ts";
import {
  decryptPremasterSecret,
  encryptPkcs1,
  type RsaPrimitives,
  type RsaPublicKey,
} from "../../crypto/rsa/mod.ts";
import { refusedPeer } from "../alerts.ts";
import type { Credentials, PeerCredentials } from "../credentials/credentials.ts";
import { rsaKeyOf } from "../credentials/peer.ts";
import { readWhole } from "../handshake/reader.ts";
import type { KeyExchange } from "./key_exchange.ts";

const PREMASTER_SECRET_LENGTH = 48;

/** The key exchange of the cipher suites `TLS_RSA_*`. */
export const rsaKeyExchange: KeyExchange = {
  name: "RSA",
  hasServerKeyExchange: false,
  keyUsage: "keyEncipherment",
  fits: ({ type }) => type === "rsa",
  isPossible: ({ credentials: { key } }) => !("publicKey" in key) || key.decrypt !== undefined,
  server: ({ credentials, clientVersion, operations, random }) =>
    Promise.resolve({
      info: {},
      receive: (body) => receivePremasterSecret(credentials, body, clientVersion, random, operations.rsa),
    }),
  client: ({ server, minimumKeyBits, clientVersion, operations, random }) => {
    const serverKey = encryptionKeyOf(server, minimumKeyBits);
    return {
      info: {},
      respond: () => {
        const premasterSecret = createPremasterSecret(clientVersion, random);
        return {
          clientKeyExchange: encodeClientKeyExchange(serverKey, premasterSecret, random, operations.rsa),
          premasterSecret,
        };
      },
    };
  },
};

/** Returns a fresh pre-master secret: the version of the ClientHello and 46 random bytes. */
function createPremasterSecret(clientVersion: number, random: RandomBytes): Uint8Array {
  return concat(Uint8Array.of(clientVersion >> 8, clientVersion & 0xff), random(PREMASTER_SECRET_LENGTH - 2));
}

/** Encodes the body of ClientKeyExchange. */
function encodeClientKeyExchange(
  serverKey: RsaPublicKey,
  premasterSecret: Uint8Array,
  random: RandomBytes,
  primitives: RsaPrimitives,
): Uint8Array {
  const encrypted = encryptPkcs1(serverKey, premasterSecret, random, primitives);
  return new ByteWriter().vector(2, encrypted).finish();
}

/**
 * Returns the pre-master secret in a ClientKeyExchange. If the decryption fails, or the version inside is not
 * `clientVersion`, it returns random bytes, so that the handshake fails only at Finished, as for every other fault.
 */
export async function receivePremasterSecret(
  { key }: Credentials,
  body: Uint8Array,
  clientVersion: number,
  random: RandomBytes,
  primitives: RsaPrimitives,
): Promise<Uint8Array> {
  const encrypted = readWhole("ClientKeyExchange", body, (reader) => reader.vector(2));
  if ("type" in key && key.type === "rsa") {
    return decryptPremasterSecret(key, encrypted, clientVersion, random, primitives);
  }
  const substitute = createPremasterSecret(clientVersion, random);
  const decrypted = await decryptElsewhere(key, encrypted) ?? substitute;
  const right = decrypted.length === PREMASTER_SECRET_LENGTH &&
    decrypted[0] === clientVersion >> 8 && decrypted[1] === (clientVersion & 0xff);
  return right ? decrypted : substitute;
}

/**
 * Decrypts with the key's own `decrypt` operation. Returns null for every failure, so that a peer cannot distinguish
 * failures.
 */
async function decryptElsewhere(key: Credentials["key"], ciphertext: Uint8Array): Promise<Uint8Array | null> {
  try {
    return "decrypt" in key ? await key.decrypt!(ciphertext) : null;
  } catch {
    return null;
  }
}

/** Returns the server's public key. Throws if the key must not encrypt a pre-master secret (RFC 5246 section 7.4.2). */
function encryptionKeyOf(server: PeerCredentials, minimumBits: number): RsaPublicKey {
  const usage = server.type === "x509" ? server.chain[0].extensions.keyUsage : undefined;
  if (usage !== undefined && !usage.has("keyEncipherment")) {
    throw refusedPeer(
      new CertificateError("key_usage", 0, "the server's certificate is not for key encipherment"),
    );
  }
  return rsaKeyOf(server, minimumBits);
}
