/**
 * Computes keys, Finished and exported keying material from the pre-master secret (RFC 5246 sections 6.3, 7.4.9 and 8.1).
 */

import { ByteReader, ByteWriter } from "../../byte_fields.ts";
import { concat, EMPTY } from "../../bytes.ts";
import type { Hash } from "../../crypto/hash.ts";
import { prf } from "../../crypto/prf.ts";
import { fatalAlert } from "../alerts.ts";
import type { Role } from "../handshake/layer.ts";
import type { Randoms } from "../key_exchange/key_exchange.ts";
import type { Tls12Suite } from "./cipher_suites.ts";

const MASTER_SECRET_LENGTH = 48;
const VERIFY_DATA_LENGTH = 12;

/** Returns the master secret (RFC 5246 section 8.1). */
export function masterSecret(hash: Hash, premasterSecret: Uint8Array, randoms: Randoms): Uint8Array {
  return prf(
    hash,
    premasterSecret,
    "master secret",
    concat(randoms.client, randoms.server),
    MASTER_SECRET_LENGTH,
  );
}

/** Returns the extended master secret, which is bound to the whole handshake so far (RFC 7627 section 4). */
export function extendedMasterSecret(
  hash: Hash,
  premasterSecret: Uint8Array,
  sessionHash: Uint8Array,
): Uint8Array {
  return prf(hash, premasterSecret, "extended master secret", sessionHash, MASTER_SECRET_LENGTH);
}

/** Returns the master secret after rekeying, from the new pre-master secret and the old master secret. */
export function rekeyedMasterSecret(
  hash: Hash,
  premasterSecret: Uint8Array,
  oldMaster: Uint8Array,
  exchangeHash: Uint8Array,
): Uint8Array {
  const secret = concat(premasterSecret, oldMaster);
  return prf(hash, secret, "fesa rekey master secret", exchangeHash, MASTER_SECRET_LENGTH);
}

/** The keys of one direction, taken from the key block. */
export interface DirectionKeys {
  readonly macKey: Uint8Array;
  readonly key: Uint8Array;
  /** The implicit part of an AEAD nonce (RFC 5288 section 3); empty for CBC suites. */
  readonly fixedIv: Uint8Array;
}

/** The keys of both directions. */
export interface SessionKeys {
  readonly client: DirectionKeys;
  readonly server: DirectionKeys;
}

/** Computes the key block and splits it into keys (RFC 5246 section 6.3). */
export function sessionKeys(suite: Tls12Suite, master: Uint8Array, randoms: Randoms): SessionKeys {
  const { hash, macLength, keyLength, fixedIvLength } = suite;
  const length = 2 * (macLength + keyLength + fixedIvLength);
  const seed = concat(randoms.server, randoms.client);
  const block = new ByteReader(
    prf(hash, master, "key expansion", seed, length),
    () => fatalAlert("internal_error", "the key block is too short"),
  );
  const [clientMac, serverMac] = [block.bytes(macLength), block.bytes(macLength)];
  const [clientKey, serverKey] = [block.bytes(keyLength), block.bytes(keyLength)];
  const [clientIv, serverIv] = [block.bytes(fixedIvLength), block.bytes(fixedIvLength)];
  return {
    client: { macKey: clientMac, key: clientKey, fixedIv: clientIv },
    server: { macKey: serverMac, key: serverKey, fixedIv: serverIv },
  };
}

/** Returns the verify_data of Finished (RFC 5246 section 7.4.9). */
export function verifyData(
  hash: Hash,
  master: Uint8Array,
  role: Role,
  transcriptHash: Uint8Array,
): Uint8Array {
  return prf(hash, master, `${role} finished`, transcriptHash, VERIFY_DATA_LENGTH);
}

/** Returns exported keying material (RFC 5705 section 4). No context and an empty context give different seeds. */
export function exportedKeyingMaterial(
  hash: Hash,
  master: Uint8Array,
  randoms: Randoms,
  label: string,
  context: Uint8Array | undefined,
  length: number,
): Uint8Array {
  const suffix = context === undefined ? EMPTY : new ByteWriter().vector(2, context).finish();
  return prf(hash, master, label, concat(randoms.client, randoms.server, suffix), length);
}
