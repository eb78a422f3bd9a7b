/** The keys of both sides for each pattern of the native setting. They are the same in every run. */
import { toUtf8 } from "../../src/bytes.ts";
import { sha256 } from "../../src/crypto/hash.ts";
import type { KeyPair } from "../../src/crypto/ec/key_agreement.ts";
import type { NativeClientIdentity } from "../../src/noise/client.ts";
import { generateKeyPair } from "../../src/noise/mod.ts";
import type { NativeServerIdentity } from "../../src/noise/server.ts";

export const secret: Uint8Array = sha256(toUtf8("secret"));
const keyPair = (seed: number): KeyPair => generateKeyPair(() => new Uint8Array(32).fill(seed));
export const server: KeyPair = keyPair(1);
export const client: KeyPair = keyPair(2);

/** The keys of both sides for one pattern, and the bytes of its handshake. */
export interface Way {
  readonly pattern: string;
  readonly client: NativeClientIdentity;
  readonly server: NativeServerIdentity;
  readonly bytes: number;
}

export const clientKeys: readonly Uint8Array[] = [client.publicKey];
/** Every pattern of the native setting. */
export const WAYS: readonly Way[] = [
  { pattern: "NN", client: { trust: "anyone" }, server: { trust: "anyone" }, bytes: 89 },
  { pattern: "NNpsk0", client: { secret }, server: { secret }, bytes: 105 },
  { pattern: "NK", client: { serverKey: server.publicKey }, server: { keyPair: server }, bytes: 105 },
  {
    pattern: "KK",
    client: { serverKey: server.publicKey, keyPair: client, known: true },
    server: { keyPair: server, clientKeys },
    bytes: 105,
  },
  {
    pattern: "IK",
    client: { serverKey: server.publicKey, keyPair: client },
    server: { keyPair: server, clientKeys },
    bytes: 153,
  },
  {
    pattern: "XX",
    client: { keyPair: client, trust: "anyone" },
    server: { keyPair: server, clientKeys: () => true },
    bytes: 201,
  },
];
