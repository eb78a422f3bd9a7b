/** The client's side of the native handshake. */

import { concat } from "../bytes.ts";
import type { KeyPair } from "../crypto/ec/key_agreement.ts";
import { decodeAgreedMode, encodePreface, readAnswer } from "../preface.ts";
import type { Wire } from "../wire.ts";
import { checkKeys } from "./check.ts";
import { establishedSession } from "./established.ts";
import { type HandshakeOptions, HandshakeState } from "./handshake_state.ts";
import {
  keyRefusal,
  NATIVE_PROFILES,
  type NativeOptions,
  type NativePattern,
  nativeProtocol,
  type StaticKeyCheck,
} from "./profile.ts";
import type { NoiseSession } from "./session.ts";

/**
 * The keys that a client and its server know of each other. They determine the pattern:
 *
 * | given | pattern |
 * | --- | --- |
 * | `secret`: 32 bytes that both sides share | NNpsk0 |
 * | `serverKey`: the server's public key, pinned | NK |
 * | `serverKey` and `keyPair`, the client's own | IK |
 * | the same, and `known`: the server has this client's key pinned as its only one | KK |
 * | `keyPair` and `trust`: a check of the server's key, or `"anyone"` | XX |
 * | `trust: "anyone"` alone | NN |
 */
export type NativeClientIdentity =
  | {
    readonly secret: Uint8Array;
    readonly serverKey?: never;
    readonly keyPair?: never;
    readonly known?: never;
    readonly trust?: never;
  }
  | {
    readonly serverKey: Uint8Array;
    readonly keyPair?: KeyPair;
    readonly known?: boolean;
    readonly secret?: never;
    readonly trust?: never;
  }
  | {
    readonly keyPair: KeyPair;
    readonly trust: StaticKeyCheck | "anyone";
    readonly secret?: never;
    readonly serverKey?: never;
    readonly known?: never;
  }
  | {
    readonly trust: "anyone";
    readonly secret?: never;
    readonly serverKey?: never;
    readonly keyPair?: never;
    readonly known?: never;
  };

/** Options of a client of the native setting. */
export type NativeClientOptions = NativeOptions & { readonly identity: NativeClientIdentity };

/** Requests the native setting and runs its handshake. The caller sets the time limit. */
export async function connectNative(wire: Wire, options: NativeClientOptions): Promise<NoiseSession> {
  const startedAt = performance.now();
  const [pattern, keys] = choose(options.identity);
  const profile = NATIVE_PROFILES.find((profile) => profile.pattern === pattern)!;
  const { cipher, random } = options;
  const protocol = nativeProtocol(profile, cipher, options.operations);
  const prologue = encodePreface(profile.request, options.compression, cipher);
  const handshake = new HandshakeState(protocol, { initiator: true, prologue, random, ...keys });

  await wire.write(concat(prologue, handshake.writeMessage()));
  await readAnswer(wire);
  const compression = decodeAgreedMode(
    handshake.readMessage(await wire.take(profile.lengths[1])),
    options.compression,
  );
  await checkServerKey(options.identity, handshake.rs);
  if (!handshake.complete) await wire.write(handshake.writeMessage());

  return establishedSession(wire, "client", handshake, { protocol, compression, startedAt });
}

/**
 * Chooses the pattern by the table at {@link NativeClientIdentity}. Refuses every other combination, so that missing keys
 * never select NN.
 */
function choose(
  given: NativeClientIdentity,
): [NativePattern, Pick<HandshakeOptions, "s" | "rs" | "psks">] {
  checkKeys(given);
  const { secret, serverKey: rs, keyPair: s, known, trust } = given;
  if (secret && !rs && !s && !trust) return ["NNpsk0", { psks: [secret] }];
  if (rs && !secret && !trust) return s ? [known ? "KK" : "IK", { rs, s }] : ["NK", { rs }];
  if (trust && s && !secret && !rs) return ["XX", { s }];
  if (trust === "anyone" && !secret && !rs) return ["NN", {}];
  throw new TypeError(
    "native needs a secret, or a serverKey (with or without a keyPair), or trust (with or without a keyPair)",
  );
}

async function checkServerKey({ trust }: NativeClientIdentity, key: Uint8Array | undefined): Promise<void> {
  if (trust === undefined || trust === "anyone") return;
  const refusal = await keyRefusal(trust, key!, "the server's key is not trusted");
  if (refusal) throw refusal;
}
